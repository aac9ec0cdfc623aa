/** A condition of a query: the field has one of the values. */
export interface Condition {
  field: string;
  values: string[];
}

export interface ParsedQuery {
  fields: string[];
  type: string;
  where: string;
  limit: number | null;
}

const LITERAL = String.raw`'(?:[^'\\]|\\.)*'`;
const QUERY = /^SELECT (.+?) FROM (\w+) WHERE (.+?)(?: LIMIT (\d+))?$/s;
const CONDITION = new RegExp(
  String.raw`(\w+) (?:= (${LITERAL})|IN \((${LITERAL}(?:,${LITERAL})*)\))(?: OR |$)`,
  'sy',
);

/** The parts of a query of SOQL, as far as the connector writes them; null if there is another form. */
export function parseQuery(soql: string): ParsedQuery | null {
  const [, fields, type, where, limit] = QUERY.exec(soql) ?? [];
  if (!fields || !type || !where) return null;
  return { fields: fields.split(', '), type, where, limit: limit === undefined ? null : Number(limit) };
}

/** The conditions, of which one has to be met; null if a text is not quoted as it must be. */
export function conditionsOf(where: string): Condition[] | null {
  const conditions: Condition[] = [];
  CONDITION.lastIndex = 0;
  let end = 0;
  while (end < where.length) {
    const found = CONDITION.exec(where);
    if (!found) return null;
    const literals = (found[2] ?? found[3] ?? '').match(new RegExp(LITERAL, 'gs')) ?? [];
    const values = literals.map((literal) => literal.slice(1, -1).replace(/\\(.)/gs, '$1'));
    conditions.push({ field: found[1] as string, values });
    end = CONDITION.lastIndex;
  }
  return conditions;
}

/** Texts are compared without regard to case. */
export function isMatch(record: Record<string, unknown>, conditions: Condition[]): boolean {
  return conditions.some(({ field, values }) => {
    const value = String(record[field] ?? '').toLowerCase();
    return value !== '' && values.some((one) => one.toLowerCase() === value);
  });
}

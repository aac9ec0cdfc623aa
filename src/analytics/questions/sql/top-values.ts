import type { EntityManager } from 'typeorm';
import type { LimitDto } from '../definitions/limit.dto.js';
import { VALUE_LENGTH_MAX } from './event-conditions.js';
import type { SqlValues } from './sql-values.js';

/** So many values of a breakdown are shown; all others are summed as `other`. */
export const BREAKDOWN_VALUES_MAX = 50;

/** The most frequent values of a breakdown, most frequent first. Null is a missing property. */
export interface TopValues {
  values: (string | null)[];
  limits: LimitDto[];
}

/** @param source a select with the columns `value` (text) and `length` (of the whole value), one row for each event */
export async function findTopValues(
  manager: EntityManager,
  source: string,
  values: SqlValues,
): Promise<TopValues> {
  const rows: { value: string | null; found: number; longest: number }[] = await manager.query(
    `select value, (count(*) over ())::int as found, (max(longest) over ())::int as longest
     from (select value, count(*) as events, max(length) as longest from (${source}) as source group by value) as counted
     order by events desc, value collate "C"
     limit ${BREAKDOWN_VALUES_MAX}`,
    values.list,
  );
  const { found = 0, longest = 0 } = rows[0] ?? {};
  return { values: rows.map(({ value }) => value), limits: limitsOf(found, longest) };
}

function limitsOf(found: number, longest: number): LimitDto[] {
  const limits: LimitDto[] = [];
  if (found > BREAKDOWN_VALUES_MAX)
    limits.push({
      limit: 'breakdown_values',
      max: BREAKDOWN_VALUES_MAX,
      found,
      effect: `The ${found - BREAKDOWN_VALUES_MAX} least frequent values are summed as other.`,
    });
  return [...limits, ...limitsOfLength(longest)];
}

/** @param longest the length of the longest value */
export function limitsOfLength(longest: number): LimitDto[] {
  if (longest <= VALUE_LENGTH_MAX) return [];
  const effect = `Values that begin with the same ${VALUE_LENGTH_MAX} characters count as one.`;
  return [{ limit: 'value_length', max: VALUE_LENGTH_MAX, found: longest, effect }];
}

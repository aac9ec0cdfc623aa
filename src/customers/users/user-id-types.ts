import type { UsersTable } from '../customers.settings.js';

/** How user ids are compared with a column of a given type. The SQL refers to `asked.id`, a text. */
export interface UserIdType {
  /** Whether PostgreSQL can read a text as a value of the type. It raises an error for other texts. */
  accepts: (id: string) => boolean;
  /** The value that is compared with the column. */
  value: string;
  /** The equality operator of the column, with its schema if that may not be in the search path. */
  equals: string;
  /** The operator of its order, likewise. */
  isGreater: string;
  /** One spelling for all texts with the same value. */
  canonical: string;
}

/** The id column as `information_schema.columns` describes it. For a domain, it is the underlying type. */
export interface IdColumn {
  data_type: string;
  udt_schema: string;
  udt_name: string;
}

const TEXT: UserIdType = {
  accepts: () => true,
  value: 'asked.id',
  equals: '=',
  isGreater: '>',
  canonical: 'asked.id',
};

const TYPES: Record<string, UserIdType> = {
  text: TEXT,
  'character varying': TEXT,
  character: { ...TEXT, value: 'asked.id::bpchar', canonical: 'asked.id::bpchar::text' },
  uuid: { ...cast('uuid'), accepts: isUuid },
  smallint: { ...cast('smallint'), accepts: isInteger(16n) },
  integer: { ...cast('integer'), accepts: isInteger(32n) },
  bigint: { ...cast('bigint'), accepts: isInteger(64n) },
  numeric: {
    ...cast('numeric'),
    accepts: isNumeric,
    canonical: 'trim_scale(asked.id::numeric)::text',
  },
};

/** The type of our own table's ids. */
export const OWN_ID_TYPE = TEXT;

/** @throws for a type whose comparison is not supported */
export function userIdTypeOf({ data_type: type, udt_schema: schema, udt_name: name }: IdColumn): UserIdType {
  const known = TYPES[type];
  if (known) return known;
  if (name === 'citext') return citextIn(schema);
  throw new Error(`USERS_TABLE: an id of type ${type} is not supported`);
}

/** The spellings under which an id is looked up: as given, and without the blanks around it. */
export function spellingsOf(id: string): [asGiven: string, trimmed: string] {
  return [id, id.trim()];
}

/** The SQL name of a column of the users table. */
export function columnOf({ columns }: UsersTable, name: keyof UsersTable['columns']): string {
  return `u."${columns[name]}"`;
}

function cast(type: string): Omit<UserIdType, 'accepts'> {
  return { value: `asked.id::${type}`, equals: '=', isGreater: '>', canonical: `asked.id::${type}::text` };
}

/**
 * Names citext's own operator. With another search path, PostgreSQL would use text's, which is
 * case-sensitive.
 */
function citextIn(schema: string): UserIdType {
  return {
    ...TEXT,
    value: `asked.id::"${schema}".citext`,
    equals: `operator("${schema}".=)`,
    isGreater: `operator("${schema}".>)`,
    canonical: 'lower(asked.id)',
  };
}

/** PostgreSQL accepts capitals, braces, and hyphens after any group of four digits or none. */
function isUuid(id: string): boolean {
  const digits = /^\{.*\}$/.test(id) ? id.slice(1, -1) : id;
  return /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(digits);
}

function isInteger(bits: bigint): (id: string) => boolean {
  const end = 2n ** (bits - 1n);
  return (id) => {
    if (!/^[+-]?\d{1,64}$/.test(id)) return false;
    const value = BigInt(id.replace('+', ''));
    return value >= -end && value < end;
  };
}

/** The exponent is limited: PostgreSQL would write out all digits, and rejects more than 131072. */
function isNumeric(id: string): boolean {
  return /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?|NaN|[+-]?Inf(?:inity)?)$/i.test(id);
}

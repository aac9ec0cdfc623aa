/** A setting of the session, or a property of the database, that the service relies on. */
export interface SessionSetting {
  name: string;
  /** The value that each connection sets; missing if that is impossible or harmful. */
  value?: string;
  /** SQL: whether the setting is right. */
  holds: string;
  /** SQL: the present value. */
  is: string;
  /** The remedy if the setting is wrong although it was set, or cannot be set. */
  mend: string;
}

function set(name: string, value: string, holds = `current_setting('${name}') = '${value}'`): SessionSetting {
  return {
    name,
    value,
    holds,
    is: `current_setting('${name}')`,
    mend: `A pooler in between leaves out what we set: alter role … set ${name} = '${value}'`,
  };
}

/**
 * The schemas with several of our tables. A single table of such a name may belong to another application.
 */
const SCHEMA_OF_TABLES = `select schemaname::text from pg_tables
  where tablename in ('audit_seals', 'audit_entries', 'webhook_events', 'notifications') and schemaname <> 'public'
  group by schemaname having count(*) > 2 limit 1`;

/**
 * All settings that the service relies on. `lc_messages` is missing, because only a superuser may set it, and
 * errors are distinguished by SQLSTATE, never by text.
 */
export const SESSION_SETTINGS: readonly SessionSetting[] = [
  set('datestyle', 'ISO', `current_setting('datestyle') like 'ISO,%'`),
  set(
    'timezone',
    'UTC',
    `extract(timezone from timestamptz '2026-01-01Z') = 0 and extract(timezone from timestamptz '2026-07-01Z') = 0`,
  ),
  {
    ...set('search_path', 'public,pg_temp', `coalesce(current_schema() = 'public', false)`),
    is: `coalesce(current_schema()::text, 'no schema')`,
    mend:
      'The tables are in the schema public: grant usage on schema public to the role; ' +
      'behind a pooler that leaves out what we set: alter role … set search_path = public',
  },
  set('standard_conforming_strings', 'on'),
  set('bytea_output', 'hex'),
  set('intervalstyle', 'postgres'),
  set('default_transaction_isolation', 'read committed'),
  {
    // Not set here, because operators use it to fence an old primary or to pause writes.
    name: 'default_transaction_read_only',
    holds: `current_setting('transaction_read_only') = 'off'`,
    is: `'on, or the server is a standby'`,
    mend: 'Let DATABASE_URL lead to the primary, or: alter database … reset default_transaction_read_only',
  },
  {
    name: 'schema',
    holds: `to_regclass('public.audit_seals') is not null or (${SCHEMA_OF_TABLES}) is null`,
    is: `(${SCHEMA_OF_TABLES})`,
    mend: 'The tables must be in the schema public: alter table … set schema public, for each of them',
  },
  {
    name: 'encoding',
    holds: `getdatabaseencoding() = 'UTF8'`,
    is: 'getdatabaseencoding()::text',
    mend: `Create the database with encoding 'UTF8' template template0, and restore into it`,
  },
];

/** The `options` of a connection; blanks in values are escaped for PostgreSQL. */
export const SESSION_OPTIONS = SESSION_SETTINGS.filter(({ value }) => value !== undefined)
  .map(({ name, value }) => `-c ${name}=${value?.replaceAll(' ', '\\ ')}`)
  .join(' ');

/** A setting with a wrong value. */
export interface SessionFault {
  name: string;
  is: string;
  mend: string;
}

/** Returns one row with the present value of each wrong setting. */
const FAULTS = `select ${SESSION_SETTINGS.map(
  ({ name, holds, is }) => `case when not (${holds}) then ${is} end as "${name}"`,
).join(', ')}`;

/**
 * The wrong settings of a session.
 * @param query runs a statement and returns its rows
 */
export async function sessionFaults(
  query: (sql: string) => Promise<Record<string, string | null>[]>,
): Promise<SessionFault[]> {
  const [row = {}] = await query(FAULTS);
  return SESSION_SETTINGS.flatMap(({ name, mend }) => {
    const is = row[name];
    return typeof is === 'string' ? [{ name, is, mend }] : [];
  });
}

/** Thrown at boot if the session would make the service misread answers, or if it could not write. */
export class UnsuitableSession extends Error {
  constructor(readonly faults: readonly SessionFault[]) {
    const problems = faults.map(({ name, is, mend }) => `${name} is ${is}. ${mend}.`);
    super(`The database (DATABASE_URL) cannot be used as it is set up: ${problems.join(' ')}`);
  }
}

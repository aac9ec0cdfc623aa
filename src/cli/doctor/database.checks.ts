import { DatabaseSettings } from '../../platform/database/database.settings.js';
import { JobSettings } from '../../platform/jobs/job.settings.js';
import type { Environment } from '../../platform/settings/settings.js';
import { WebhooksSettings } from '../../webhooks/webhooks.settings.js';
import { isIP } from 'node:net';
import { getMetadataArgsStorage } from 'typeorm';
import { ENTITIES } from '../../entities.js';
import { DatabaseUnreachable, explainConnection } from '../../platform/database/database-fault.js';
import { sqlStateOf } from '../../platform/sql-state.js';
import { assertMigrated } from '../../platform/database/migrate.js';
import { sessionFaults } from '../../platform/database/session/session-settings.js';
import { type Check, note, ok, problem, skipped, warning, type Found } from './check.js';
import { rightsOf } from './database-rights.js';
import type { DoctorDatabase } from './doctor-database.js';

const VERSION_MIN = 150_000;

/** Only our own tables, because other applications may use the same schema. */
export const OWN_TABLES = getMetadataArgsStorage()
  .filterTables(ENTITIES)
  .flatMap(({ name }) => name ?? []);

/**
 * A check that is skipped if another one reports the reason: the database is not available, lacks tables, or
 * refuses.
 */
export function onDatabase(name: string, look: Check['look']): Check {
  return {
    name,
    needs: ['DATABASE_URL'],
    look: (patient) =>
      look(patient).catch((error: unknown) => {
        if (isAway(error)) return [skipped('the database cannot be asked')];
        if (sqlStateOf(error) === MISSING_TABLE) return [skipped('the schema is not up to date')];
        if (sqlStateOf(error) === NO_RIGHT) return [skipped('the role lacks a right')];
        throw error;
      }),
  };
}

const MISSING_TABLE = '42P01';
const NO_RIGHT = '42501';

/** No answer, no login, no such database, or temporarily unavailable. */
function isAway(error: unknown): boolean {
  return /^(08|28|3D|53|57)/.test(sqlStateOf(error) ?? '08');
}

interface ServerRow {
  version: number;
  number: string;
  encoding: string;
  readOnly: boolean;
  encrypted: boolean;
  connections: number;
}

const SERVER = `
  select current_setting('server_version_num')::int as version, current_setting('server_version') as number,
    pg_encoding_to_char(encoding) as encoding, current_setting('transaction_read_only') = 'on' as "readOnly",
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
    current_setting('max_connections')::int as connections
  from pg_database where datname = current_database()`;

const server: Check = {
  name: 'database',
  needs: ['DATABASE_URL'],
  async look({ database, environment }) {
    const row = await database.row<ServerRow>(SERVER).catch((error: unknown) => {
      const fault = explainConnection(error);
      if (fault instanceof DatabaseUnreachable) return fault;
      throw error;
    });
    if (row instanceof DatabaseUnreachable) return [problem(row.problem, row.mend)];
    const found = [ok(`PostgreSQL ${row.number}`), connections(row, environment)];
    if (row.version < VERSION_MIN) found.push(problem('Older than PostgreSQL 15', 'Upgrade PostgreSQL'));
    if (row.encoding !== 'UTF8')
      found.push(problem(`Its encoding is ${row.encoding}`, 'Create the database with encoding UTF8'));
    if (row.readOnly)
      found.push(problem('The server is read-only (a standby?)', 'Point DATABASE_URL at the primary'));
    if (!row.encrypted && !isNear(database.url))
      found.push(warning('The connection is not encrypted', 'Add ?sslmode=verify-full to DATABASE_URL'));
    return found;
  },
};

/** On this machine, or in a private network. */
function isNear(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return !host.includes('.');
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(host);
}

function connections({ connections: max }: ServerRow, environment: Environment): Found {
  const { writers } = new WebhooksSettings(environment);
  const { concurrency } = new JobSettings(environment);
  const each = writers + 1 + concurrency + 6 + concurrency + 2;
  return note(
    `max_connections is ${max}; a process opens ${each} at most: room for ${Math.floor(max / each)}`,
  );
}

const rights = onDatabase('rights', async ({ database }) =>
  rightsOf(database, [...OWN_TABLES, 'migrations']),
);

/** The errors of the migration check contain the remedy. */
const schema = onDatabase('schema', async ({ database, environment }) => {
  try {
    await assertMigrated(database.url, new DatabaseSettings(environment).toleratesNewerSchema);
    return [ok('Up to date')];
  } catch (error) {
    const name = (error as Error).constructor.name;
    const [fault = '', ...mend] = (error as Error).message.split(/(?<=\).) /);
    if (name === 'UnsuitableSession') return [skipped('the session is not as it must be')];
    if (name === 'PendingMigrations' || name === 'SchemaTooNew') return [problem(fault, mend.join(' '))];
    throw error;
  }
});

/** Settings that the check of the database reports. */
const CHECKED_BY_DATABASE = new Set(['encoding', 'default_transaction_read_only']);

const session = onDatabase('session', async ({ database }) => {
  const faults = (await sessionFaults((sql) => database.rows(sql))).filter(
    ({ name }) => !CHECKED_BY_DATABASE.has(name),
  );
  if (faults.length === 0)
    return [ok('Its settings are those that the service relies on'), ...(await lcMessages(database))];
  return faults.map(({ name, is, mend }) => problem(`${name} is ${is}`, mend));
});

/** Only people read the texts of errors, so this is only a note. */
async function lcMessages(database: DoctorDatabase): Promise<Found[]> {
  const { locale } = await database.row<{ locale: string }>(
    `select current_setting('lc_messages') as locale`,
  );
  if (/^(C|POSIX|en)\b|^en_|^C\.|^$/.test(locale)) return [];
  return [
    note(`lc_messages is ${locale}: the log quotes PostgreSQL in that language, the runbook in English`),
  ];
}

interface Durability {
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  data_checksums: string;
}

/** "2xx means committed" depends on these settings. */
const durability = onDatabase('durability', async ({ database }) => {
  const settings = await database.row<Durability>(`
    select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('data_checksums') as data_checksums`);
  const found: Found[] = [];
  for (const name of ['fsync', 'full_page_writes'] as const) {
    const lost = `${name} is off: a crash of the database machine can lose or damage events that were answered 2xx`;
    if (settings[name] === 'off') found.push(problem(lost, `Set ${name} = on in postgresql.conf`));
  }
  if (settings.synchronous_commit === 'off') {
    const lost =
      'synchronous_commit is off for this role: a crash can lose the last events that were answered 2xx';
    found.push(problem(lost, 'alter role … set synchronous_commit = on'));
  }
  if (settings.data_checksums === 'off')
    found.push(note('data_checksums is off: PostgreSQL does not notice pages that the disk has damaged'));
  return found.some(({ state }) => state === 'problem') ? found : [ok('Committed data is on disk'), ...found];
});

export const DATABASE_CHECKS: readonly Check[] = [server, session, rights, schema, durability];

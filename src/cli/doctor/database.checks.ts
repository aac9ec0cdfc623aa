import { isIP } from 'node:net';
import { getMetadataArgsStorage } from 'typeorm';
import { ENTITIES } from '../../entities.js';
import { sqlStateOf } from '../../platform/database/database-fault.js';
import { assertMigrated } from '../../platform/database/migrate.js';
import { scrub } from '../../platform/logging/scrub.js';
import { type Check, note, ok, problem, skipped, warning, type Found, type Patient } from './check.js';
import { rightsOf } from './database-rights.js';

const VERSION_MIN = 150_000;

/** Others may have theirs in the same schema. */
const OWN_TABLES = getMetadataArgsStorage()
  .filterTables(ENTITIES)
  .flatMap(({ name }) => name ?? []);

/** A check that is skipped while the database cannot be asked; `database` itself tells why. */
function onDatabase(name: string, look: Check['look']): Check {
  return {
    name,
    needs: ['DATABASE_URL'],
    look: (patient) =>
      look(patient).catch((error: unknown) => {
        if (isAway(error)) return [skipped('the database cannot be asked')];
        throw error;
      }),
  };
}

/** No answer, no entry, no such database, or none for now. */
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
  async look({ database, config }) {
    const row = await database.row<ServerRow>(SERVER).catch((error: Error) => {
      if (isAway(error)) return error;
      throw error;
    });
    if (row instanceof Error)
      return [
        problem(`Cannot be reached: ${reasonOf(row)}`, 'Check DATABASE_URL, the network and pg_hba.conf'),
      ];
    const found = [ok(`PostgreSQL ${row.number}`), connections(row, config)];
    if (row.version < VERSION_MIN) found.push(problem('Older than PostgreSQL 15', 'Upgrade PostgreSQL'));
    if (row.encoding !== 'UTF8')
      found.push(problem(`Its encoding is ${row.encoding}`, 'Create the database with encoding UTF8'));
    if (row.readOnly)
      found.push(problem('It takes no writes (a standby?)', 'Let DATABASE_URL lead to the primary'));
    if (!row.encrypted && !isNear(database.url))
      found.push(warning('The connection is not encrypted', 'Add ?sslmode=verify-full to DATABASE_URL'));
    return found;
  },
};

function reasonOf(error: Error & { code?: string }): string {
  return scrub(error.message || error.code || 'no answer');
}

/** In this machine, or in a private network. */
function isNear(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return !host.includes('.');
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(host);
}

function connections({ connections: max }: ServerRow, { webhook, jobs }: Patient['config']): Found {
  const each = webhook.writers + 1 + jobs.concurrency + 6 + jobs.concurrency + 2;
  return note(
    `max_connections is ${max}; a process opens ${each} at most: room for ${Math.floor(max / each)}`,
  );
}

const rights = onDatabase('rights', async ({ database }) =>
  rightsOf(database, [...OWN_TABLES, 'migrations']),
);

/** TypeORM's own errors say what to do. */
const schema = onDatabase('schema', async ({ database, config }) => {
  try {
    await assertMigrated(database.url, config.database.tolerateNewerSchema);
    return [ok('Up to date')];
  } catch (error) {
    const name = (error as Error).constructor.name;
    const [told = '', ...mend] = (error as Error).message.split(/(?<=\).) /);
    if (name === 'PendingMigrations' || name === 'SchemaTooNew') return [problem(told, mend.join(' '))];
    throw error;
  }
});

interface Durability {
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  data_checksums: string;
}

/** "2xx means committed" rests on these. */
const durability = onDatabase('durability', async ({ database }) => {
  const settings = await database.row<Durability>(`
    select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('data_checksums') as data_checksums`);
  const found: Found[] = [];
  for (const name of ['fsync', 'full_page_writes'] as const) {
    const lost = `${name} is off: a crash of its machine loses or breaks what was answered 2xx`;
    if (settings[name] === 'off') found.push(problem(lost, `Set ${name} = on in postgresql.conf`));
  }
  if (settings.synchronous_commit === 'off') {
    const lost = 'synchronous_commit is off for this role: a crash loses the last answers of 2xx';
    found.push(problem(lost, 'alter role … set synchronous_commit = on'));
  }
  if (settings.data_checksums === 'off')
    found.push(note('data_checksums is off: a disk that forgets is noticed late'));
  return found.some(({ state }) => state === 'problem')
    ? found
    : [ok('What is committed is on the disk'), ...found];
});

export const DATABASE_CHECKS: readonly Check[] = [server, rights, schema, durability];

import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations as migrateJobs } from 'graphile-worker';
import { DataSource } from 'typeorm';
import { sqlStateOf } from './database-fault.js';
import { MIGRATIONS } from './migrations.js';

/** Any number: all instances of the service must use the same. */
const ADVISORY_LOCK = 7_301_501_104;
const LOCK_POLL_MS = 250;
/** No statement of a migration may keep traffic waiting for its lock longer than this; it is tried again. */
const LOCK_TIMEOUT_MS = 1000;
const LOCK_TRIES = 20;
const LOCK_RETRY_MS = 1000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Raised at boot in production: the schema is older than the code. */
export class PendingMigrations extends Error {
  constructor(readonly names: string[]) {
    super(
      `The database schema is not up to date (pending: ${names.join(', ')}). ` +
        'Run "npm run migration:run" or start once with MIGRATIONS=run.',
    );
  }
}

/** Raised at boot: a newer release has migrated the database. */
export class SchemaTooNew extends Error {
  constructor(readonly names: string[]) {
    super(
      `The database schema is newer than this release (unknown to it: ${names.join(', ')}). ` +
        'Start the newer release. To go back to this one, run "npm run migration:revert" with the newer ' +
        'release first; or, if this is the release directly before it, start with MIGRATIONS=tolerate-newer.',
    );
  }
}

/**
 * Brings the schema (ours and the job engine's) up to date, one instance at a time: TypeORM itself
 * takes no lock, so the migrations run under a session advisory lock on a connection of their own.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const dataSource = await openForMigrations(url);
  const lock = dataSource.createQueryRunner();
  try {
    await lock.connect();
    while (!(await lock.query('select pg_try_advisory_lock($1) as locked', [ADVISORY_LOCK]))[0].locked) {
      await sleep(LOCK_POLL_MS);
    }
    await assertNotNewer(dataSource);
    await migrateJobs({ connectionString: url });
    await runMigrations(dataSource);
    await dataSource.query('select grant_application_rights()');
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}

/** Those that have run stay; one that gets no lock lets traffic pass before it is tried again. */
async function runMigrations(dataSource: DataSource): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await dataSource.runMigrations({ transaction: 'each' });
      return;
    } catch (error) {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE || tries === LOCK_TRIES) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

/**
 * @throws PendingMigrations unless every migration the code knows has run
 * @throws SchemaTooNew when others have run as well, unless `tolerateNewer`
 */
export async function assertMigrated(url: string, tolerateNewer = false): Promise<void> {
  const dataSource = await openForMigrations(url);
  try {
    const done = new Set(await migrationsDone(dataSource));
    const pending = migrationsKnown(dataSource).filter((name) => !done.has(name));
    if (pending.length > 0) throw new PendingMigrations(pending);
    if (!tolerateNewer) await assertNotNewer(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

async function assertNotNewer(dataSource: DataSource): Promise<void> {
  const known = new Set(migrationsKnown(dataSource));
  const newer = (await migrationsDone(dataSource)).filter((name) => !known.has(name));
  if (newer.length > 0) throw new SchemaTooNew(newer);
}

/** Named as TypeORM records them. */
function migrationsKnown(dataSource: DataSource): string[] {
  return dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
}

async function migrationsDone(dataSource: DataSource): Promise<string[]> {
  const [{ present }] = await dataSource.query(`select to_regclass('migrations') is not null as present`);
  if (!present) return [];
  const rows: { name: string }[] = await dataSource.query('select name from migrations order by id');
  return rows.map(({ name }) => name);
}

/** The newest migration this code knows. Readiness asks that it has run; newer ones may have, too. */
export const SCHEMA_VERSION: string = MIGRATIONS.at(-1)?.name ?? '';

function openForMigrations(url: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    migrations: MIGRATIONS,
    connectTimeoutMS: 5000,
    poolErrorHandler: () => undefined,
    applicationName: 'mingus-onboarding migrations',
    extra: { max: 2, lock_timeout: LOCK_TIMEOUT_MS },
  }).initialize();
}

import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations as migrateJobs } from 'graphile-worker';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { sqlStateOf } from '../sql-state.js';
import { MIGRATIONS } from './migrations.js';
import { sessionFaults, UnsuitableSession } from './session/session-settings.js';
import { SessionClient } from './session/session-client.js';

/** Any number: all instances of the service must use the same. */
const ADVISORY_LOCK = 7_301_501_104;
const LOCK_POLL_MS = 250;
/**
 * The longest time that a statement of a migration waits for a lock, because it blocks traffic. It is tried
 * again later.
 */
const LOCK_TIMEOUT_MS = 1000;
const LOCK_TRIES = 20;
const LOCK_RETRY_MS = 1000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * The role with the rights of the service. It owns nothing; `grant_application_rights()` grants its rights.
 */
const APPLICATION_ROLE = 'mingus_onboarding_app';

const INSUFFICIENT_PRIVILEGE = '42501';
/** SQLSTATEs of a role that exists already, because another migration has just created it. */
const EXISTS = new Set(['42710', '23505']);

/** Thrown at boot in production if the schema is older than the code. */
export class PendingMigrations extends Error {
  constructor(readonly names: string[]) {
    super(
      `The database schema is not up to date (pending: ${names.join(', ')}). ` +
        'Run "mingus migrate" or start once with MIGRATIONS=run.',
    );
  }
}

/** Thrown at boot if a newer release has migrated the database. */
export class SchemaTooNew extends Error {
  constructor(readonly names: string[]) {
    super(
      `The database schema is newer than this release (unknown to it: ${names.join(', ')}). ` +
        'Start the newer release. If this is the release directly before it, MIGRATIONS=tolerate-newer starts ' +
        'it as well; otherwise undo these migrations first with the newer release, one at a time: ' +
        '"mingus migrate --revert".',
    );
  }
}

/** The state of the schema after a migration. */
export interface SchemaState {
  /** The newest migration in the database. */
  schema: string;
  /** The migrations of this run. */
  ran: readonly string[];
  /** How to create the role of the service, if the migration could not. */
  roleProblem: string | null;
}

/** Brings the schema (ours and the job engine's) up to date. */
export function migrateDatabase(url: string): Promise<SchemaState> {
  return withLock(url, async (dataSource) => {
    await assertNotNewer(dataSource);
    const before = new Set(await migrationsDone(dataSource));
    await migrateJobEngine(url);
    await runMigrations(dataSource);
    const roleProblem = await makeApplicationRole(dataSource);
    await dataSource.query('select grant_application_rights()');
    const done = await migrationsDone(dataSource);
    return { schema: done.at(-1) ?? '', ran: done.filter((name) => !before.has(name)), roleProblem };
  });
}

/**
 * Undoes the newest migration.
 * @returns its name; null if there is none
 */
export function revertMigration(url: string): Promise<string | null> {
  return withLock(url, async (dataSource) => {
    await assertNotNewer(dataSource);
    const newest = (await migrationsDone(dataSource)).at(-1) ?? null;
    if (newest === null) return null;
    // Indexes that were built concurrently are dropped concurrently, which is not possible within a
    // transaction.
    const isInTransaction = dataSource.migrations.find(({ name }) => name === newest)?.transaction !== false;
    await dataSource.undoLastMigration({ transaction: isInTransaction ? 'each' : 'none' });
    return newest;
  });
}

/**
 * Runs work under a session advisory lock on a separate connection, because TypeORM itself does not lock. So
 * only one instance migrates at a time.
 */
async function withLock<T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await openForMigrations(url);
  const lock = dataSource.createQueryRunner();
  try {
    await lock.connect();
    while (!(await lock.query('select pg_try_advisory_lock($1) as locked', [ADVISORY_LOCK]))[0].locked) {
      await sleep(LOCK_POLL_MS);
    }
    return await work(dataSource);
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}

async function migrateJobEngine(url: string): Promise<void> {
  const pgPool = new pg.Pool({ Client: SessionClient, connectionString: url, max: 1 });
  // A connection that breaks fails its query. The engine requires this handler as well.
  pgPool.on('error', () => undefined);
  pgPool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await migrateJobs({ pgPool });
  } finally {
    await pgPool.end();
  }
}

/**
 * Creates the role unless it exists. Roles belong to the whole server, and the owner of a database is often
 * not allowed to create one.
 * @returns instructions for the operator if the role does not exist, else null
 */
async function makeApplicationRole(dataSource: DataSource, role = APPLICATION_ROLE): Promise<string | null> {
  const [{ exists, owner }] = await dataSource.query(
    'select exists (select from pg_roles where rolname = $1), current_user as owner',
    [role],
  );
  if (exists) return null;
  try {
    await dataSource.query(`create role ${role} nologin`);
    return null;
  } catch (error) {
    const state = sqlStateOf(error) ?? '';
    if (EXISTS.has(state)) return null;
    if (state !== INSUFFICIENT_PRIVILEGE) throw error;
    return (
      `The role ${role} does not exist, and ${owner} may not create it. ` +
      'The service works with the owner of the tables; to let it connect with fewer rights, run ' +
      `"create role ${role} nologin" as the administrator of the server, then migrate again ` +
      '(docs/production.md, "Database roles").'
    );
  }
}

/**
 * Migrations that have run stay applied. One that gets no lock lets traffic pass before it is tried again.
 */
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
 * @throws UnsuitableSession if the session would make the service misread answers
 * @throws PendingMigrations unless all migrations of this release have run
 * @throws SchemaTooNew if other migrations have run too, unless `tolerateNewer`
 */
export async function assertMigrated(url: string, tolerateNewer = false): Promise<SchemaState> {
  const dataSource = await openForMigrations(url);
  try {
    const done = await migrationsDone(dataSource);
    const pending = migrationsKnown(dataSource).filter((name) => !done.includes(name));
    if (pending.length > 0) throw new PendingMigrations(pending);
    if (!tolerateNewer) await assertNotNewer(dataSource);
    return { schema: done.at(-1) ?? '', ran: [], roleProblem: null };
  } finally {
    await dataSource.destroy();
  }
}

async function assertNotNewer(dataSource: DataSource): Promise<void> {
  const known = new Set(migrationsKnown(dataSource));
  const newer = (await migrationsDone(dataSource)).filter((name) => !known.has(name));
  if (newer.length > 0) throw new SchemaTooNew(newer);
}

/** The migrations of this release, under the names that TypeORM records. */
function migrationsKnown(dataSource: DataSource): string[] {
  return dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
}

async function migrationsDone(dataSource: DataSource): Promise<string[]> {
  const [{ present }] = await dataSource.query(`select to_regclass('migrations') is not null as present`);
  if (!present) return [];
  const rows: { name: string }[] = await dataSource.query('select name from migrations order by id');
  return rows.map(({ name }) => name);
}

/** The newest migration of this release. Readiness requires it; newer ones may have run as well. */
export const SCHEMA_VERSION: string = MIGRATIONS.at(-1)?.name ?? '';

/** @throws UnsuitableSession */
async function openForMigrations(url: string): Promise<DataSource> {
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    migrations: MIGRATIONS,
    connectTimeoutMS: 5000,
    poolErrorHandler: () => undefined,
    applicationName: 'mingus-onboarding migrations',
    extra: { Client: SessionClient, max: 2, lock_timeout: LOCK_TIMEOUT_MS },
  }).initialize();
  const faults = await sessionFaults((sql) => dataSource.query(sql));
  if (faults.length === 0) return dataSource;
  await dataSource.destroy();
  throw new UnsuitableSession(faults);
}

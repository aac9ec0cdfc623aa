import pg from 'pg';
import { migrateDatabase } from '../src/platform/database/migrate.js';
import { EmbeddedPostgres } from '../src/platform/development/embedded-postgres.js';
import type { RunSql } from '../test/support/database/invariants.js';

const NAME = 'chaos';
/**
 * As in production, `fsync` and `synchronous_commit` are on. The limit is high because connections of killed
 * processes stay open for a while.
 */
const SETTINGS = { max_connections: '300' };

export type RestartMode = 'fast' | 'immediate';

/** The campaign's own PostgreSQL server, with restarts, and its database. */
export class ChaosDatabase {
  private readonly pool: pg.Pool;
  private restarting?: Promise<void>;
  private isStopped = false;

  private constructor(
    private readonly folder: string,
    private postgres: EmbeddedPostgres,
  ) {
    this.pool = new pg.Pool({
      connectionString: postgres.urlOf(NAME),
      application_name: 'chaos',
      max: 4,
      connectionTimeoutMillis: 5000,
    });
    this.pool.on('error', () => undefined);
  }

  /** Starts a new server in this folder, with the service's schema. */
  static async start(folder: string): Promise<ChaosDatabase> {
    const postgres = await EmbeddedPostgres.start(folder, SETTINGS);
    await postgres.createDatabase(NAME);
    await migrateDatabase(postgres.urlOf(NAME));
    return new ChaosDatabase(folder, postgres);
  }

  get url(): string {
    return this.postgres.urlOf(NAME);
  }

  /** Runs a statement on a direct connection that no proxy sees. */
  readonly sql: RunSql = async (text, values = []) => (await this.pool.query(text, values)).rows;

  async count(table: string, where = 'true'): Promise<number> {
    const [row] = await this.sql(`select count(*) from ${table} where ${where}`);
    return Number(row?.count);
  }

  /** Number of the service's sessions. */
  countSessions(): Promise<number> {
    return this.count('pg_stat_activity', `application_name like 'mingus-%'`);
  }

  /** Creates users `<prefix>1` … `<prefix><count>`. */
  async createUsers(prefix: string, count: number): Promise<void> {
    await this.sql(
      `insert into users (id, email, name, created_at)
       select $1 || i, i || '@example.com', 'Ada', now() from generate_series(1, $2::integer) i`,
      [prefix, count],
    );
  }

  /** Restarts the server as `pg_ctl restart -m <mode>` does, and waits until it accepts connections. */
  async restart(mode: RestartMode): Promise<void> {
    if (this.isStopped) throw new Error('The campaign has ended');
    this.restarting = (async () => {
      const { port } = this.postgres;
      await this.postgres.stop(mode);
      this.postgres = await EmbeddedPostgres.start(this.folder, SETTINGS, port);
    })();
    await this.restarting;
  }

  /**
   * Ends one session of the service, chosen by `random`.
   * @returns what it was used for; null when there was none
   */
  async terminateSession(random: number): Promise<string | null> {
    const sessions = await this.sql(
      `select pid, application_name from pg_stat_activity where application_name like 'mingus-%' order by pid`,
    );
    const victim = sessions[Math.floor(random * sessions.length)];
    if (!victim) return null;
    await this.sql('select pg_terminate_backend($1)', [victim.pid]);
    return String(victim.application_name);
  }

  async version(): Promise<string> {
    const [row] = await this.sql('show server_version');
    return String(row?.server_version);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.allSettled([this.restarting]);
    await this.pool.end();
    await this.postgres.stop();
  }
}

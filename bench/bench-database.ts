import { join } from 'node:path';
import pg from 'pg';
import { migrateDatabase } from '../src/platform/database/migrate.js';
import type { EmbeddedPostgres } from '../src/platform/development/embedded-postgres.js';
import { USER_ID_SQL } from './load/event.js';

/** A target's own database on the run's PostgreSQL server. */
export class BenchDatabase {
  private constructor(
    readonly url: string,
    private readonly client: pg.Client,
  ) {}

  static async create(postgres: EmbeddedPostgres, name: string): Promise<BenchDatabase> {
    await postgres.createDatabase(name);
    const client = new pg.Client({ connectionString: postgres.urlOf(name) });
    client.on('error', () => undefined);
    await client.connect();
    return new BenchDatabase(postgres.urlOf(name), client);
  }

  /** Runs the service's migrations, or those of another built checkout. */
  async migrate(folder?: string): Promise<void> {
    const built = folder && join(folder, 'dist/platform/database/migrate.js');
    const { migrateDatabase: migrate } = built
      ? ((await import(built)) as { migrateDatabase: typeof migrateDatabase })
      : { migrateDatabase };
    await migrate(this.url);
  }

  /** Creates users `<keys>-1` … `<keys>-<count>`, one for each event. */
  async createUsers(keys: string, count: number): Promise<void> {
    await this.query(
      `insert into users (id, email, name, created_at)
       select ${USER_ID_SQL("$1 || '-' || n")}, 'ada.' || n || '@example.com', 'Ada Lovelace', now()
       from generate_series(1, $2::integer) n`,
      [keys, count],
    );
    await this.query('vacuum analyze users');
  }

  /** Updates statistics, as autovacuum does once a minute. Sessions then make new plans. */
  async analyze(): Promise<void> {
    await this.query('analyze');
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.query(`select count(*) from ${table}`);
    return Number(rows[0].count);
  }

  query(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    return this.client.query(text, values);
  }

  /** Call it before the server stops. */
  close(): Promise<void> {
    return this.client.end();
  }
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A database of one test file: a clone of the migrated template. */
export class TestDatabase {
  private constructor(
    readonly url: string,
    private readonly name: string,
    private client: pg.Client,
  ) {}

  /** @param template `template1` for an empty database */
  static async create(template = 'template_mingus'): Promise<TestDatabase> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    const maintenanceUrl = inject('postgresUrl');
    // Half the CPU of the default strategy, which writes each page to the log as well.
    await onMaintenance(`create database "${name}" template "${template}" strategy file_copy`);
    const url = maintenanceUrl.replace(/\/postgres$/, `/${name}`);
    return new TestDatabase(url, name, await connect(url));
  }

  async rows<T extends object = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, values)).rows;
  }

  /** Every row of every table as text, including the job engine's. */
  async dump(): Promise<string> {
    const tables = await this.rows<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'graphile_worker')`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await this.rows<{ text: string }>(`select '${name} ' || t::text as text from ${name} t`);
      texts.push(...rows.map(({ text }) => text));
    }
    return texts.join('\n');
  }

  /** The number a `select count(*)` gives. */
  async count(table: string, where = 'true'): Promise<number> {
    const [row] = await this.rows<{ count: string }>(`select count(*) from ${table} where ${where}`);
    return Number(row?.count);
  }

  /** Ends all connections and refuses new ones, as a database that is down does. */
  async shut(): Promise<void> {
    await this.client.end();
    await onMaintenance(`alter database "${this.name}" allow_connections false`);
    await onMaintenance(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${this.name}'`,
    );
  }

  /** Copies the database with all its data, as a backup does. No one else may be connected. */
  async copy(): Promise<TestDatabase> {
    await this.client.end();
    const copy = await TestDatabase.create(this.name);
    this.client = await connect(this.url);
    return copy;
  }

  /** Accepts connections again. */
  async reopen(): Promise<void> {
    await onMaintenance(`alter database "${this.name}" allow_connections true`);
    this.client = await connect(this.url);
  }

  /** Drops the database. @throws when the test left a connection open */
  async drop(): Promise<void> {
    await this.client.end();
    await onMaintenance(`drop database "${this.name}"`);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function onMaintenance(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

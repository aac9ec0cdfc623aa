import pg from 'pg';
import { SessionClient } from '../../platform/database/session/session-client.js';

/** A few connections to the database of the service, with short timeouts. */
export class DoctorDatabase {
  private readonly pool: pg.Pool;

  constructor(readonly url: string) {
    this.pool = new pg.Pool({
      Client: SessionClient,
      connectionString: url,
      max: 3,
      connectionTimeoutMillis: 4000,
      query_timeout: 4000,
      application_name: 'mingus-onboarding doctor',
    });
    this.pool.on('error', () => undefined);
  }

  async rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query<T>(sql, values)).rows;
  }

  /** The single row of a query that always has one. */
  async row<T extends object>(sql: string, values: unknown[] = []): Promise<T> {
    const [row] = await this.rows<T>(sql, values);
    if (!row) throw new Error('The database gave no row');
    return row;
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

import type { DataSource, QueryRunner } from 'typeorm';

/** How long a slow reader may take for one page. */
const IDLE_TIMEOUT = '60s';

/** A read-only transaction of its own connection, which sees one state of the database. Close it in any case. */
export class Snapshot {
  private closing?: Promise<void>;

  private constructor(private readonly runner: QueryRunner) {}

  static async open(dataSource: DataSource): Promise<Snapshot> {
    const snapshot = new Snapshot(dataSource.createQueryRunner());
    try {
      await snapshot.rows('start transaction isolation level repeatable read, read only');
      await snapshot.rows(`set local idle_in_transaction_session_timeout = '${IDLE_TIMEOUT}'`);
      return snapshot;
    } catch (error) {
      await snapshot.close();
      throw error;
    }
  }

  rows<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.runner.query(text, values);
  }

  /** Reads all rows of a query with the memory of one page. One query at a time. */
  async *pages<T>(text: string, values: unknown[], size: number): AsyncGenerator<T[]> {
    await this.rows(`declare pages no scroll cursor for ${text}`, values);
    for (;;) {
      const page = await this.rows<T>(`fetch ${size} from pages`);
      if (page.length > 0) yield page;
      if (page.length < size) break;
    }
    await this.rows('close pages');
  }

  /** Repeated, it has no effect. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    try {
      await this.rows('rollback');
    } finally {
      await this.runner.release();
    }
  }
}

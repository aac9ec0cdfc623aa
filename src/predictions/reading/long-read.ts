import type pg from 'pg';
import type { DataSource } from 'typeorm';

const ROWS_PER_FETCH = 1000;
/** Far longer than statements of requests may take: the first rows follow after scans of whole tables. */
const TIMEOUT_MS = 600_000;

const SESSION = `
  set local statement_timeout = ${TIMEOUT_MS};
  set local idle_in_transaction_session_timeout = ${TIMEOUT_MS};
  set local work_mem = '128MB';
  set local random_page_cost = 1.1;
  set local cursor_tuple_fraction = 1;
  set local jit = off`;

type Value = string | number | boolean | Date | null | readonly unknown[];

/** A read of many rows in one transaction that writes nothing and sees one state of the database. */
export class LongRead {
  private constructor(private readonly client: pg.ClientBase) {}

  /** Runs `work` with a connection of its own. */
  static async run<T>(dataSource: DataSource, work: (read: LongRead) => Promise<T>): Promise<T> {
    const runner = dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as pg.ClientBase;
      await runner.startTransaction('REPEATABLE READ');
      await client.query(`set transaction read only; ${SESSION}`);
      const result = await work(new LongRead(client));
      await runner.commitTransaction();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** All rows of a statement, each an array in the order of its columns. */
  async rows<R extends unknown[]>(text: string, values: readonly Value[]): Promise<R[]> {
    const config = { text, values: [...values], rowMode: 'array', query_timeout: TIMEOUT_MS };
    return (await this.client.query(config as pg.QueryArrayConfig)).rows as R[];
  }

  /** The rows of a statement in pages, however many there are. One cursor is open at a time. */
  async *pages<R extends unknown[]>(text: string, values: readonly Value[]): AsyncGenerator<R[]> {
    await this.rows(`declare pages no scroll cursor for ${text}`, values);
    for (;;) {
      const page = await this.rows<R>(`fetch ${ROWS_PER_FETCH} from pages`, []);
      if (page.length > 0) yield page;
      if (page.length < ROWS_PER_FETCH) break;
    }
    await this.rows('close pages', []);
  }
}

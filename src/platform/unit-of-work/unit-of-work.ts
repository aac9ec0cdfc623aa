import type { Type } from '@nestjs/common';
import type { JobPayloads, JobTask } from '../../events/job-tasks.js';

/** A job that exists after the commit of the unit. */
export interface EnqueuedJob {
  task: JobTask;
  payload: JobPayloads[JobTask];
  /** Not before this time; at once when missing. */
  runAt?: Date;
  /** At most one waiting job per key: a later one takes its place. */
  key?: string;
  /** Runs before all jobs that are due and not urgent, however many wait. */
  isUrgent?: boolean;
}

/** A change to rows that exist already. */
export interface RowUpdate {
  entity: Type;
  /** Columns that must equal these values; none of them null. */
  criteria: object;
  changes: object;
  /** Whether exactly one row must match. */
  single: boolean;
}

/** A custom statement, for changes that are neither an insert nor an update. */
export interface RowStatement {
  /**
   * Constant SQL, whose only parameter, `$1::json`, is the array of all rows. It has no effect for an empty
   * array.
   */
  text: string;
  row: object;
}

/**
 * The changes of one event to the database: rows of any entity, jobs, and the changes to report. Listeners
 * fill it synchronously and without I/O; {@link UnitOfWorkWriter} writes many units in one transaction. If a
 * listener throws, nothing has been written yet.
 */
export class UnitOfWork {
  readonly rows: { entity: Type; row: object }[] = [];
  readonly updates: RowUpdate[] = [];
  readonly statements: RowStatement[] = [];
  readonly lastStatements: (RowStatement & { name?: string; isFinal?: boolean })[] = [];
  readonly jobs: EnqueuedJob[] = [];
  readonly changes: string[] = [];

  /** Adds a row. All columns that are not generated must be given: defaults do not apply to batch inserts. */
  insert<E extends object>(entity: Type<E>, row: E): void {
    this.rows.push({ entity, row });
  }

  /** Changes all rows, also none, that match the criteria. Inserts of the same transaction come first. */
  update<E extends object>(entity: Type<E>, criteria: Partial<E>, changes: Partial<E>): void {
    this.updates.push({ entity, criteria, changes, single: false });
  }

  /**
   * Changes the row that matches the criteria, which include a unique key. If it does not match (any more),
   * another transaction was faster, and the transaction fails with a conflict.
   */
  updateOne<E extends object>(entity: Type<E>, criteria: Partial<E>, changes: Partial<E>): void {
    this.updates.push({ entity, criteria, changes, single: true });
  }

  /** Runs a custom statement. Inserts and updates of the same transaction come first. */
  execute(text: string, row: object): void {
    this.statements.push({ text, row });
  }

  /**
   * Runs a custom statement after all other writes of the transaction, whose effects it sees. Its text may change from
   * time to time.
   * @param name under which PostgreSQL keeps the plan of the newest text; without one, no plan is kept
   */
  executeLast(text: string, row: object, name?: string): void {
    this.lastStatements.push({ text, row, name });
  }

  /**
   * Runs a custom statement after those of `executeLast`. It is for rows that facts of all kinds lock: they are locked
   * for the shortest time, and always after all others, so that transactions do not deadlock.
   * @param name as of `executeLast`
   */
  executeFinally(text: string, row: object, name: string): void {
    this.lastStatements.push({ text, row, name, isFinal: true });
  }

  /** Adds a job, which is enqueued in the same transaction as the rows. */
  enqueue<T extends JobTask>(
    task: T,
    payload: JobPayloads[T],
    options: Pick<EnqueuedJob, 'runAt' | 'key' | 'isUrgent'> = {},
  ): void {
    this.jobs.push({ task, payload, ...options });
  }

  /** Adds a line to the `changes` of the webhook's answer. */
  reportChange(text: string): void {
    this.changes.push(text);
  }
}

import type { Type } from '@nestjs/common';
import type { JobPayloads, JobTask } from '../../events/job-tasks.js';

/** A job that starts to exist with the unit's commit. */
export interface EnqueuedJob {
  task: JobTask;
  payload: JobPayloads[JobTask];
  /** Not before this time; at once when missing. */
  runAt?: Date;
  /** At most one waiting job per key: a later one takes its place. */
  key?: string;
}

/**
 * What one event adds to the database: rows of any entity, jobs, and the changes worth telling.
 * Listeners fill it synchronously and without I/O; {@link UnitOfWorkWriter} writes many units in one
 * transaction. A listener that throws leaves nothing behind, because nothing has been written yet.
 */
export class UnitOfWork {
  readonly rows: { entity: Type; row: object }[] = [];
  readonly jobs: EnqueuedJob[] = [];
  readonly changes: string[] = [];

  /** Adds a row. All columns must be given: database defaults do not apply to batch inserts. */
  insert<E extends object>(entity: Type<E>, row: E): void {
    this.rows.push({ entity, row });
  }

  /** Adds a job, handed to the queue in the same transaction as the rows. */
  enqueue<T extends JobTask>(
    task: T,
    payload: JobPayloads[T],
    options: Pick<EnqueuedJob, 'runAt' | 'key'> = {},
  ): void {
    this.jobs.push({ task, payload, ...options });
  }

  /** Adds a line to the `changes` of the webhook's answer. */
  reportChange(text: string): void {
    this.changes.push(text);
  }
}

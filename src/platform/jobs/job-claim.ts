import type { Job } from 'graphile-worker';
import type pg from 'pg';
import type { WorkerLease } from './worker-lease.service.js';

/** Another worker has the job by now: this one was silent for longer than its lease. */
export class JobTakenOver extends Error {
  constructor() {
    super('Another worker has taken over the job');
  }
}

/**
 * One worker's claim on one job. The engine completes a job by its id alone: a worker that slept past its
 * lease would, on waking, remove the job from under the one that has it now. A failure is recorded only by
 * the worker that holds the lock, so whoever has lost a job ends its run by throwing.
 */
export class JobClaim {
  constructor(
    private readonly pool: pg.Pool,
    private readonly job: Pick<Job, 'id' | 'locked_by' | 'locked_at'>,
    private readonly lease: WorkerLease,
  ) {}

  /** @throws JobTakenOver */
  async assertHeld(): Promise<void> {
    if (this.job.locked_at && this.lease.surelyHolds(this.job.locked_at)) return;
    await this.require(`select from graphile_worker._private_jobs where ${HELD}`);
  }

  /** Removes the finished job; the engine then finds nothing left to remove. @throws JobTakenOver */
  async complete(): Promise<void> {
    await this.require(`delete from graphile_worker._private_jobs where ${HELD}`);
  }

  /** Makes a job of each of its payloads, and none of this one. @throws JobTakenOver */
  async split(): Promise<void> {
    await this.require(`
      with split as (delete from graphile_worker._private_jobs where ${HELD} returning task_id, payload)
      select graphile_worker.add_job(tasks.identifier, item)
      from split join graphile_worker._private_tasks tasks on tasks.id = split.task_id,
        json_array_elements(payload) item`);
  }

  private async require(sql: string): Promise<void> {
    const { id, locked_by: lockedBy, locked_at: lockedAt } = this.job;
    const { rowCount } = await this.pool.query(sql, [id, lockedBy, lockedAt]);
    if (rowCount === 0) throw new JobTakenOver();
  }
}

/** The second: pg rounds to milliseconds. A later claim, even of this worker, is a whole lease later. */
const HELD = `id = $1 and locked_by = $2 and locked_at < $3::timestamptz + interval '1 second'`;

import type { Job } from 'graphile-worker';
import type pg from 'pg';
import { COMPLETE_JOB, IS_JOB_HELD, SPLIT_JOB } from './engine.queries.js';
import type { WorkerLease } from './worker-lease.service.js';

/** Another worker has the job, because this worker was silent for longer than its lease. */
export class JobTakenOver extends Error {
  constructor() {
    super('Another worker has taken over the job');
  }
}

/**
 * One worker's claim on one job. The engine completes a job by its id alone: a worker that slept past its
 * lease would later remove the job that another worker has by then. The engine records a failure only for the
 * worker that holds the lock, so a worker that lost its job ends the run by throwing.
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
    await this.require(IS_JOB_HELD);
  }

  /** Removes the finished job; the engine then finds nothing left to remove. @throws JobTakenOver */
  async complete(): Promise<void> {
    await this.require(COMPLETE_JOB);
  }

  /** Replaces this job with one job per payload. @throws JobTakenOver */
  async split(): Promise<void> {
    await this.require(SPLIT_JOB);
  }

  private async require(sql: string): Promise<void> {
    const { id, locked_by: lockedBy, locked_at: lockedAt } = this.job;
    const { rowCount } = await this.pool.query(sql, [id, lockedBy, lockedAt]);
    if (rowCount === 0) throw new JobTakenOver();
  }
}

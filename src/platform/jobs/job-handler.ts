import { DiscoveryService } from '@nestjs/core';
import type { JobPayloads, JobTask } from '../../events/job-tasks.js';

/** The context of a running job. */
export interface JobContext {
  jobId: string;
  /** The number of the attempt, from 1. */
  attempt: number;
  /**
   * Call it before each effect that the database cannot undo, if a run has several.
   * @throws JobTakenOver if this worker slept past its lease and another one has the job
   */
  assertHeld(): Promise<void>;
}

/**
 * Runs a task. A run may get the payloads of several events. A handler that throws, or whose worker dies,
 * runs again with each payload alone (exponential back-off with jitter), so it must be idempotent per
 * payload.
 */
export interface JobRun<T extends JobTask> {
  run(payloads: readonly JobPayloads[T][], context: JobContext): Promise<void>;
}

/** A handler of a scheduled job, which is added once for all processes. */
export interface ScheduledJob {
  /** Null if the configuration disables the job. */
  readonly schedule: Schedule | null;
  run(): Promise<void>;
}

/** The times at which a job is added. A later one replaces a job that still waits. */
export interface Schedule {
  /** Five fields, UTC. */
  cron: string;
  /** A time that passed without a worker is caught up within these milliseconds; by default it is skipped. */
  catchUpMs?: number;
}

/** Marks the one provider that runs a task: `@JobHandler('deliver-notification')`. */
export const JobHandler = DiscoveryService.createDecorator<JobTask>();

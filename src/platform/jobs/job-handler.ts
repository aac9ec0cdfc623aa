import { DiscoveryService } from '@nestjs/core';
import type { JobPayloads, JobTask } from '../../events/job-tasks.js';

/** What a running job knows about itself. */
export interface JobContext {
  jobId: string;
  /** 1 for the first try. */
  attempt: number;
  /**
   * To be asked before each effect that the database cannot take back, when a run has several.
   * @throws JobTakenOver when this worker slept past its lease and another one has the job
   */
  assertHeld(): Promise<void>;
}

/**
 * Runs a task. Payloads of several events may come together; a handler that throws, or whose worker dies,
 * is run again with each of them alone (exponential back-off with jitter), so it must be idempotent per payload.
 */
export interface JobRun<T extends JobTask> {
  run(payloads: readonly JobPayloads[T][], context: JobContext): Promise<void>;
}

/** Marks the one provider that runs a task: `@JobHandler('deliver-notification')`. */
export const JobHandler = DiscoveryService.createDecorator<JobTask>();

import type { JobTask } from '../../src/events/job-tasks.js';
import type { TestDatabase } from './database/test-database.js';

/** A job as it waits in the queue. */
export interface QueuedJob {
  task: JobTask;
  payload: Record<string, unknown>[];
  runAt: Date;
  attempts: number;
  maxAttempts: number;
  lastError: string | null;
}

/** The waiting jobs of one task, oldest first. */
export function queuedJobs(database: TestDatabase, task: JobTask): Promise<QueuedJob[]> {
  return database.rows<QueuedJob>(
    `select tasks.identifier as task,
       case json_typeof(payload) when 'array' then payload else json_build_array(payload) end as payload,
       run_at as "runAt", attempts, max_attempts as "maxAttempts",
       last_error as "lastError"
     from graphile_worker._private_jobs jobs
     join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id
     where tasks.identifier = $1
     order by jobs.id`,
    [task],
  );
}

/** Makes all waiting jobs of a task due, as if their time had come. */
export async function makeDue(database: TestDatabase, task: JobTask): Promise<void> {
  await database.rows(
    `select graphile_worker.reschedule_jobs(array_agg(id), run_at := now())
     from graphile_worker.jobs where task_identifier = $1`,
    [task],
  );
}

/** Lets the time pass for which notifications, channels and jobs wait: everything is due now. */
export async function makeEverythingDue(database: TestDatabase): Promise<void> {
  await database.rows(`update notification_channel_states set paused_until = now(), probe_until = null
     where paused_until is not null`);
  await database.rows('update graphile_worker._private_jobs set run_at = now() where run_at > now()');
}

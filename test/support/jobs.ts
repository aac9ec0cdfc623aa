import type { JobTask } from '../../src/events/job-tasks.js';
import type { TestDatabase } from './database/test-database.js';
import { waitFor } from './wait-for.js';

/** A waiting job of the queue. */
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

/** Waits until no job of the task is running or waiting. */
export function untilNoJob(database: TestDatabase, task: JobTask): Promise<true> {
  return waitFor(`no ${task}`, async () => (await queuedJobs(database, task)).length === 0 || null);
}

/** Makes all waiting jobs of a task due now. */
export async function makeDue(database: TestDatabase, task: JobTask): Promise<void> {
  await database.rows(
    `select graphile_worker.reschedule_jobs(array_agg(id), run_at := now())
     from graphile_worker.jobs where task_identifier = $1`,
    [task],
  );
  await wakeWorkers(database);
}

/** Makes everything due that notifications, channels and jobs wait for. */
export async function makeEverythingDue(database: TestDatabase): Promise<void> {
  await database.rows(`update notification_channel_states set paused_until = now(), probe_until = null
     where paused_until is not null`);
  await database.rows('update graphile_worker._private_jobs set run_at = now() where run_at > now()');
  await wakeWorkers(database);
}

/** Makes the workers look for jobs at once, as an insert does. Otherwise they look once per second. */
async function wakeWorkers(database: TestDatabase): Promise<void> {
  await database.rows(`notify "jobs:insert", '{"count": 4}'`);
}

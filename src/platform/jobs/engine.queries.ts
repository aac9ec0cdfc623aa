import { KEYED } from '../unit-of-work/job-specs.js';

/**
 * The SQL that names private tables of graphile-worker (0.17): one file to check when the engine is upgraded. Its public
 * functions (`add_job`, `reschedule_jobs`) are called where they are needed.
 */
export const JOBS_TABLE = 'graphile_worker._private_jobs';
const TASKS_TABLE = 'graphile_worker._private_tasks';

const DEAD = `
  select jobs.id::text, tasks.identifier as task, attempts, last_error as "lastError",
    jobs.created_at as "createdAt", updated_at as "lastAttemptAt"
  from ${JOBS_TABLE} jobs
  join ${TASKS_TABLE} tasks on tasks.id = jobs.task_id
  where attempts >= max_attempts and locked_at is null`;

export const NEWEST_DEAD_JOBS = `${DEAD} order by jobs.id desc limit 100`;
export const CHOSEN_DEAD_JOBS = `${DEAD} and ($1::bigint[] is null or jobs.id = any($1)) and ($2::text is null or identifier = $2)
  order by jobs.id`;
export const RETRY_JOB = `select from graphile_worker.reschedule_jobs(array[$1::bigint], run_at := now(), attempts := 0)`;

export const ANALYZE_JOBS = `analyze ${JOBS_TABLE}`;

/**
 * Whether the worker $2 still has the job $1 that it locked at $3. pg rounds times to milliseconds, so a second is
 * added; a later claim, even by the same worker, comes a whole lease later.
 */
const HELD = `id = $1 and locked_by = $2 and locked_at < $3::timestamptz + interval '1 second'`;

export const IS_JOB_HELD = `select from ${JOBS_TABLE} where ${HELD}`;
export const COMPLETE_JOB = `delete from ${JOBS_TABLE} where ${HELD}`;
export const SPLIT_JOB = `
  with split as (delete from ${JOBS_TABLE} where ${HELD} returning task_id, payload)
  select graphile_worker.add_job(tasks.identifier, item)
  from split join ${TASKS_TABLE} tasks on tasks.id = split.task_id, json_array_elements(payload) item`;

export const DELAY_FAILED_JOB = `
  select graphile_worker.reschedule_jobs(array_agg(id), now() + $2 * interval '1 second')
  from ${JOBS_TABLE} where id = $1 and attempts = $3`;

/**
 * When a job is added with the key of a running one, the engine takes the key from the running job and gives it no
 * further attempt, because the new job does the same work. If it then fails or its worker dies, it is not a dead job.
 */
const IS_SUPERSEDED = `key is null and attempts >= max_attempts
  and (coalesce(flags ? '${KEYED}', false) or payload::jsonb ? '_cron')`;

/**
 * The attempt counts, so a job that kills every worker ends as a dead job. After the first attempt the jobs run again at
 * once. Later they come back one by one within twelve seconds, before all other jobs: if one of them killed the worker,
 * it must not fail the jobs that ran beside it each time.
 */
export const FREE_JOBS_OF_DEAD_WORKERS = `
  with dead as (
    select distinct locked_by as worker_id
    from ${JOBS_TABLE} jobs
    where locked_at < now() - $1 * interval '1 second'
      and not exists (
        select from job_workers
        where worker_id = jobs.locked_by and last_heartbeat_at > now() - $1 * interval '1 second'
      )
  ), orphans as (
    select jobs.id, dead.worker_id,
      interval '12 seconds' * row_number() over (order by jobs.id) / greatest(4, count(*) over ()) as delay
    from ${JOBS_TABLE} jobs join dead on dead.worker_id = jobs.locked_by
  )
  update ${JOBS_TABLE} jobs
  set locked_at = null, locked_by = null, last_error = 'Its worker died', priority = least(priority, -1),
    run_at = case attempts when 1 then run_at else now() + delay end
  from orphans, ${TASKS_TABLE} tasks
  where jobs.id = orphans.id and jobs.locked_by = orphans.worker_id and tasks.id = jobs.task_id
  returning worker_id as "workerId", tasks.identifier as task, jobs.id as "jobId", attempts as attempt,
    attempts >= max_attempts and not (${IS_SUPERSEDED}) as "isLast"`;

export const REMOVE_SUPERSEDED_JOBS = `
  delete from ${JOBS_TABLE} where locked_at is null and ${IS_SUPERSEDED}`;

/** Whether a value of the JSON is the wanted text. Some payloads hold addresses in lower case. */
const holds = (json: string) => `exists (select from jsonb_path_query(${json}::jsonb, '$.**') as value
  where lower((value #>> '{}') collate "C") = lower(wanted.text collate "C"))`;

/** A job has up to 20 payloads; only those with the wanted text are removed. */
const takeOut = (isAllowed: string) => `
  update ${JOBS_TABLE} set payload = (
    select coalesce(json_agg(item), '[]') from json_array_elements(payload) as item where not ${holds('item')}
  )
  from json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'array' and ${isAllowed} and ${holds('payload')}`;

export const REMOVE_JOBS = `
  delete from ${JOBS_TABLE}
  using json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'object' and locked_at is null and ${holds('payload')}`;

export const FORGET_IN_JOBS = takeOut('true');
export const WITHDRAW_FROM_JOBS = takeOut('locked_at is null and run_at > clock_timestamp()');
export const REMOVE_LATER_JOBS = `${REMOVE_JOBS} and run_at > clock_timestamp()`;

/** Uses clock_timestamp(): a transaction that waited for another one must see the jobs that it made due. */
export const JOB_UNDER_WAY = `
  select from ${JOBS_TABLE}, (select $1::text) as wanted (text)
  where (locked_at is not null or is_available and run_at <= clock_timestamp()) and ${holds('payload')}
  limit 1`;

/** Each job with its state. */
export const JOB_STATES = `
  select run_at, case
      when locked_at is not null then 'running'
      when attempts >= max_attempts then 'failed'
      when run_at <= now() then 'ready'
      when attempts > 0 then 'retrying'
      else 'scheduled'
    end as state
  from ${JOBS_TABLE}`;

export const NO_JOB_IS_LATE = `
  select not exists (
    select from ${JOBS_TABLE} where is_available and run_at < now() - $1 * interval '1 second'
  ) as holds`;

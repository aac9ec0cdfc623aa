import type { EntityManager } from 'typeorm';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';

/** Whether one of its values is the wanted text; addresses are kept in small letters in places. */
const holds = (json: string) => `exists (select from jsonb_path_query(${json}::jsonb, '$.**') as value
  where lower(value #>> '{}') = lower(wanted.text))`;

/** Jobs have up to 20 payloads: those of others stay. */
const takeOut = (isAllowed: string) => `
  update graphile_worker._private_jobs set payload = (
    select coalesce(json_agg(item), '[]') from json_array_elements(payload) as item where not ${holds('item')}
  )
  from json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'array' and ${isAllowed} and ${holds('payload')}`;

const REMOVE = `
  delete from graphile_worker._private_jobs
  using json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'object' and locked_at is null and ${holds('payload')}`;

const FORGET = takeOut('true');
const WITHDRAW = takeOut('locked_at is null and run_at > now()');
const REMOVE_LATER = `${REMOVE} and run_at > now()`;

const UNDER_WAY = `
  select from graphile_worker._private_jobs, (select $1::text) as wanted (text)
  where (locked_at is not null or is_available and run_at <= now()) and ${holds('payload')}
  limit 1`;

/** Takes all that holds one of the texts out of the jobs. What runs has read its own, and is not given it again. */
export function forgetInJobs(texts: readonly string[], unit: UnitOfWork): void {
  for (const text of texts) {
    unit.execute(FORGET, { text });
    unit.execute(REMOVE, { text });
  }
}

/** Takes what holds the text out of the jobs that wait for a later time. */
export async function withdrawFromJobs(manager: EntityManager, text: string): Promise<void> {
  for (const statement of [WITHDRAW, REMOVE_LATER])
    await manager.query(statement, [JSON.stringify([{ text }])]);
}

/** Whether a job holds the text that runs, or is about to. */
export async function isInRunningJob(manager: EntityManager, text: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(UNDER_WAY, [text]);
  return rows.length > 0;
}

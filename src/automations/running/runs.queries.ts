import type { EntityManager } from 'typeorm';
import type { Definition } from '../definitions/definition.js';
import type { AutomationRun } from './automation-run.entity.js';

/** A run whose time has come, locked, with its customer. */
export interface DueRun extends Pick<
  AutomationRun,
  'id' | 'customerId' | 'state' | 'step' | 'waitsUntil' | 'attempts'
> {
  /** Of the version of the run. */
  definition: Definition;
  userId: string | null;
  isDeleted: boolean;
  isErased: boolean;
}

/**
 * Takes the run that has been due for the longest, unless another process holds it. Its customer is locked as well, so
 * that an erasure comes either before or after the step. Runs of automations that are disabled are left.
 */
export async function takeDueRun(manager: EntityManager, now: Date): Promise<DueRun | null> {
  const [row] = await manager.query<DueRun[]>(TAKE, [now]);
  return row ?? null;
}

/** Tries a step again later. After the last attempt the run has failed. */
export async function postpone(manager: EntityManager, id: string, now: Date): Promise<void> {
  await manager.query(POSTPONE, [id, now, ATTEMPTS_MAX]);
}

const ATTEMPTS_MAX = 5;

const TAKE = `
  select runs.id, customer_id as "customerId", state, step, waits_until as "waitsUntil", attempts, definition,
    user_id as "userId", deleted_at is not null as "isDeleted", erased_at is not null as "isErased"
  from automation_runs runs
  join automations on automations.name = runs.automation and enabled
  join automation_versions versions on versions.automation = runs.automation and versions.version = runs.version
  join customers on customers.id = customer_id
  where due_at <= $1
  order by due_at limit 1
  for update of runs skip locked for key share of customers skip locked`;

const POSTPONE = `
  update automation_runs set attempts = attempts + 1, updated_at = $2,
    state = case when attempts + 1 < $3 then state else 'failed' end,
    reason = case when attempts + 1 < $3 then null else 'internal_error' end,
    due_at = case when attempts + 1 < $3 then $2::timestamptz + interval '1 minute' * 2 ^ attempts end,
    ended_at = case when attempts + 1 < $3 then null else $2::timestamptz end
  where id = $1 and due_at is not null`;

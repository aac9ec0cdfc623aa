import type { EntityManager } from 'typeorm';
import { nextAttemptAt } from '../../platform/delivery/delivery-schedule.js';
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
 * Takes the run that has been due for the longest of the enabled automation that has been due for the longest, unless
 * another process holds it. Its customer is locked as well, so that an erasure comes either before or after the step.
 * However many runs of automations that are disabled are due, none of them is read.
 */
export async function takeDueRun(manager: EntityManager, now: Date): Promise<DueRun | null> {
  const [row] = await manager.query<DueRun[]>(TAKE, [now]);
  return row ?? null;
}

/** Tries a step again later, by the schedule of deliveries. After its last attempt the run has failed. */
export async function postpone(
  manager: EntityManager,
  { id, step, attempts }: Pick<DueRun, 'id' | 'step' | 'attempts'>,
  now: Date,
): Promise<void> {
  await manager.query(POSTPONE, [id, step, attempts, now, nextAttemptAt(attempts + 1, now)]);
}

/** An outer row is read only while no run of those before it could be locked. */
const TAKE = `
  select taken.* from (
    select name from automations
    cross join lateral (
      select due_at from automation_runs where automation = name and due_at <= $1 order by due_at limit 1
    ) as first
    where enabled order by due_at
  ) as due
  cross join lateral (
    select runs.id, customer_id as "customerId", state, step, waits_until as "waitsUntil", attempts, definition,
      user_id as "userId", deleted_at is not null as "isDeleted", erased_at is not null as "isErased"
    from automation_runs runs
    join automation_versions versions on versions.automation = runs.automation and versions.version = runs.version
    join customers on customers.id = customer_id
    where runs.automation = due.name and due_at <= $1
    order by due_at limit 1
    for update of runs skip locked for key share of customers skip locked
  ) as taken
  limit 1`;

/** Another process may have taken the step in the meantime. */
const POSTPONE = `
  update automation_runs set attempts = attempts + 1, updated_at = $4, due_at = $5::timestamptz,
    state = case when $5::timestamptz is null then 'failed' else state end,
    reason = case when $5::timestamptz is null then 'internal_error' end,
    ended_at = case when $5::timestamptz is null then $4::timestamptz end
  where id = $1 and step = $2 and attempts = $3 and due_at is not null`;

import type { EntityManager } from 'typeorm';
import type { PredictionTrigger, When } from '../definitions/definition.js';
import type { Start } from './start-runs.js';

/** Customers who are beyond the value when the automation is enabled have not crossed it. */
export async function restartCrossings(
  manager: EntityManager,
  automation: string,
  when: When,
): Promise<void> {
  await manager.query('delete from automation_crossings where automation = $1', [automation]);
  if (when.type === 'prediction') await noteCrossings(manager, automation, when, new Date());
}

/** Notes the customers that are beyond the value now. @returns those that were not before */
export async function noteCrossings(
  manager: EntityManager,
  automation: string,
  { target, crosses, value }: PredictionTrigger,
  now: Date,
): Promise<Start[]> {
  const values = [automation, target, crosses, value];
  await manager.query(LEAVE, values);
  const crossed = await manager.query<{ customerId: string }[]>(CROSS, [...values, now]);
  return crossed.map(({ customerId }) => ({ customerId, occurrence: `${target} ${now.toISOString()}` }));
}

/** A tenth of the customers is kept out of what predictions cause, so that predictions can be compared with outcomes. */
const BEYOND = `
  select customer_id from customer_predictions
  where target = $2 and not is_held_out and case $3 when 'above' then score >= $4 else score <= $4 end`;

const LEAVE = `delete from automation_crossings where automation = $1 and customer_id not in (${BEYOND})`;

const CROSS = `
  with crossed as (
    insert into automation_crossings (automation, customer_id, crossed_at)
    select $1, customer_id, $5 from (${BEYOND}) as beyond
    on conflict do nothing
    returning customer_id
  )
  select customer_id as "customerId" from crossed`;

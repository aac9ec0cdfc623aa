import type { EntityManager } from 'typeorm';
import type { PredictionTrigger, When } from '../definitions/definition.js';
import type { Start } from './start-runs.js';

/** One page of customers is looked at in one statement, so that none takes long. */
const PAGE = 10_000;

/** Customers who are beyond the value when the automation is enabled have not crossed it. */
export async function restartCrossings(
  manager: EntityManager,
  automation: string,
  when: When,
): Promise<void> {
  if (when.type !== 'prediction') {
    await manager.query('delete from automation_crossings where automation = $1', [automation]);
    return;
  }
  const pages = noteCrossings(manager, automation, when, new Date());
  while (!(await pages.next()).done);
}

/** Notes the customers that are beyond the value now. @returns those that were not before, in pages */
export async function* noteCrossings(
  manager: EntityManager,
  automation: string,
  { target, crosses, value }: PredictionTrigger,
  now: Date,
): AsyncGenerator<Start[]> {
  const values = [automation, target, crosses, value];
  const occurrence = `${target} ${now.toISOString()}`;
  await manager.query(LEAVE, values);
  for (let after: string | null = NO_ID; after !== null;) {
    const pages: CrossedPage[] = await manager.query(CROSS, [...values, now, after, PAGE]);
    const [page] = pages;
    yield (page?.customerIds ?? []).map((customerId) => ({ customerId, occurrence }));
    after = page?.last ?? null;
  }
}

interface CrossedPage {
  customerIds: string[];
  /** The last customer of the page; null after the last page. */
  last: string | null;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** A tenth of the customers is kept out of what predictions cause, so that predictions can be compared with outcomes. */
const IS_BEYOND = `not is_held_out and case $3 when 'above' then score >= $4 else score <= $4 end`;

const LEAVE = `
  delete from automation_crossings
  where automation = $1 and not exists (
    select from customer_predictions
    where customer_predictions.customer_id = automation_crossings.customer_id and target = $2 and ${IS_BEYOND})`;

const CROSS = `
  with page as materialized (
    select customer_id, ${IS_BEYOND} as is_beyond from customer_predictions
    where target = $2 and customer_id > $6 order by customer_id limit $7
  ), crossed as (
    insert into automation_crossings (automation, customer_id, crossed_at)
    select $1, customer_id, $5 from page where is_beyond
    on conflict do nothing
    returning customer_id
  )
  select array(select customer_id from crossed) as "customerIds",
    (select customer_id from page order by customer_id desc limit 1) as last`;

import type { EntityManager } from 'typeorm';

/** How many customers of a cohort stayed for the same time. */
export interface Lives {
  cohort: string;
  /** Whole days from the first payment to the departure, or to the present. */
  days: number;
  /**
   * Whole months, likewise. A customer that left within a day after the end of a month left at this end: it did not
   * renew.
   */
  months: number;
  hasLeft: boolean;
  /** All subscriptions are paid monthly. False for customers without a stored subscription. */
  isMonthly: boolean;
  customers: number;
}

/**
 * Counts of customers by how long they stayed. `$1` is the present, `$2` and `$3` are the first day of the first month,
 * and of the month after the last one.
 */
export function findLives(manager: EntityManager, now: Date, from: string, to: string): Promise<Lives[]> {
  return manager.query(LIVES, [now, from, to]);
}

/** A customer has left when it first became churned after its first payment. A later return is another life. */
const LIVES = `
  with payers as materialized (
    select customer_id, paid_at from (
      select customer_id, (milestones ->> 'first_payment')::timestamptz as paid_at from customer_lifecycles
      where milestones ->> 'first_payment' is not null
    ) as paid
    where paid_at >= $2::timestamptz and paid_at < least($3::timestamptz, $1::timestamptz)
  ), departures as (
    select customer_id, min(occurred_at) as left_at
    from payers join lifecycle_transitions using (customer_id)
    where to_stage = 'churned' and occurred_at >= paid_at and occurred_at <= $1
    group by 1
  ), plans as (
    select customer_id,
      bool_and(item ->> 'interval' = 'month' and (item ->> 'intervalCount')::int = 1) as is_monthly
    from payers join subscriptions using (customer_id), jsonb_array_elements(items) as item
    group by 1
  )
  select to_char(paid_at at time zone 'UTC', 'YYYY-MM') as cohort,
    floor(extract(epoch from coalesce(left_at, $1) - paid_at) / 86400)::int as days,
    (extract(year from life) * 12 + extract(month from life))::int as months,
    left_at is not null as "hasLeft", coalesce(is_monthly, false) as "isMonthly", count(*)::int as customers
  from payers left join departures using (customer_id) left join plans using (customer_id),
    lateral age(coalesce(greatest(left_at - interval '1 day', paid_at), $1), paid_at) as life
  group by 1, 2, 3, 4, 5
  order by 1, 2`;

import type { DataSource, EntityManager } from 'typeorm';
import { firstMoment } from '../../platform/database/first-moment.js';
import type { MrrMovementKind } from '../../events/subscriptions/mrr-moved.event.js';
import { type CustomerRange, sumOverRanges } from './customer-ranges.js';
import { type Months, monthsBetween } from './months.js';
import { RevenueCheck } from './revenue-check.entity.js';

/** The sum of the movements of a kind in a month; month 0 is all the time before the first. */
export interface MonthSum {
  month: number;
  currency: string;
  kind: MrrMovementKind;
  amountMinor: number;
  movements: number;
}

export function sumByMonth(
  dataSource: DataSource,
  { first, last, zone }: Months,
  { currency }: { currency?: string },
): Promise<MonthSum[]> {
  return withSummedUpTo(dataSource, (manager, upTo) =>
    manager.query(SUM_BY_MONTH, [first, last, zone, currency ?? null, upTo]),
  );
}

/** The revenue now, from the movements of all time. */
export function sumAll(
  dataSource: DataSource,
  { currency }: { currency?: string },
): Promise<{ currency: string; mrrMinor: number; customers: number }[]> {
  return withSummedUpTo(dataSource, (manager, upTo) => manager.query(SUM_ALL, [currency ?? null, upTo]));
}

/**
 * Both reads see one state. The time is a parameter of the second one, because PostgreSQL chooses the index only where it
 * knows the value (40 instead of 350 ms).
 */
function withSummedUpTo<T>(
  dataSource: DataSource,
  read: (manager: EntityManager, upTo: Date | string) => Promise<T>,
): Promise<T> {
  return dataSource.transaction('REPEATABLE READ', async (manager) => {
    const checked = await manager.findOneBy(RevenueCheck, { id: 1 });
    return read(manager, checked?.summedUpTo ?? '-infinity');
  });
}

/** The customers behind the churn rate of the 30 days before a moment. */
export interface ChurnCount {
  currency: string;
  activeBefore: number;
  joined: number;
  churned: number;
}

export async function countChurn(
  { manager }: DataSource,
  { since, until }: { since: Date; until: Date },
  { currency }: { currency?: string },
): Promise<ChurnCount[]> {
  const counts = await sumOverRanges<ChurnCount, 'currency'>(manager, ['currency'], (range) =>
    manager.query(CHURN, [range.after, range.upTo, currency ?? null, until, since]),
  );
  return counts.toSorted(byCurrency);
}

/** How the revenue of customers changed within a month; month 0 is all the time before the first. */
export interface MonthChange {
  month: number;
  currency: string;
  /** By how much the revenue and the number of all customers with revenue changed. */
  mrr: number;
  customers: number;
  /** The same for those only who had revenue when the month began: all changes, and the losses. */
  net: number;
  gross: number;
}

export async function changesByMonth(
  { manager }: DataSource,
  months: Months,
  { currency }: { currency?: string },
): Promise<MonthChange[]> {
  const changes = await sumOverRanges<MonthChange, 'currency' | 'month'>(
    manager,
    ['currency', 'month'],
    (range) => manager.query(CHANGES_BY_MONTH, valuesOf(range, months, currency)),
  );
  return changes.toSorted((a, b) => byCurrency(a, b) || a.month - b.month);
}

/** How the revenue of a cohort changed in a month. `gross` counts at most the revenue each customer began with. */
export interface CohortChange extends Omit<MonthChange, 'net'> {
  cohort: number;
}

/** Stripe had no customers before. */
const HISTORY_BEGINS = '2010-01';

export async function changesByCohort(
  manager: EntityManager,
  months: Months,
  { currency }: { currency?: string },
): Promise<CohortChange[]> {
  // A customer who left before the first month is of an earlier cohort, so all months of the past are read separately.
  const earlier = monthsBetween(HISTORY_BEGINS, months.first);
  const history = { ...months, first: `${HISTORY_BEGINS}-01` };
  const changes = await sumOverRanges<CohortChange, 'currency' | 'cohort' | 'month'>(
    manager,
    ['currency', 'cohort', 'month'],
    (range) => manager.query(CHANGES_BY_COHORT, [...valuesOf(range, history, currency), earlier]),
  );
  return changes.toSorted((a, b) => byCurrency(a, b) || a.cohort - b.cohort || a.month - b.month);
}

function valuesOf(
  { after, upTo }: CustomerRange,
  { first, last, zone }: Months,
  currency?: string,
): unknown[] {
  return [after, upTo, currency ?? null, first, last, zone];
}

function byCurrency(a: { currency: string }, b: { currency: string }): number {
  return a.currency < b.currency ? -1 : Number(a.currency > b.currency);
}

/** `starts`: the moments at which the months of the zone begin, and the one at which the last ends. */
const boundaries = (first: string, last: string, zone: string) => `
  boundaries as (
    select array_agg(${firstMoment('month', zone)} order by month) as starts
    from generate_series(${first}::timestamp, ${last}::timestamp + interval '1 month', interval '1 month') as month
  )`;

/**
 * Days (UTC) within which a month of the zone begins are read from the movements, and all others from the sums of days.
 * Movements from $5 on are not in the sums yet (`check-revenue.job.ts`).
 */
const SUM_BY_MONTH = `
  with ${boundaries('$1', '$2', '$3')}, cut_days as (
    select date_trunc('day', start, 'UTC') as day from boundaries, unnest(starts) as start
    where start <> date_trunc('day', start, 'UTC')
  ), sums as (
    select day::timestamp at time zone 'UTC' as at, currency, kind, amount_minor, movements
    from mrr_days
    where day::timestamp at time zone 'UTC' not in (select day from cut_days)
    union all
    select occurred_at, currency, kind, amount_minor, 1
    from cut_days join mrr_movements on occurred_at >= day and occurred_at < day + interval '1 day'
    where recorded_at < $5
    union all
    select occurred_at, currency, kind, amount_minor, 1
    from mrr_movements where recorded_at >= $5
  )
  select width_bucket(at, starts) as month, currency, kind,
    sum(amount_minor)::float8 as "amountMinor", sum(movements)::float8 as movements
  from sums, boundaries
  where $4::text is null or currency = $4
  group by 1, 2, 3
  order by currency collate "C", 1`;

const SUM_ALL = `
  with sums as (
    select currency, kind, amount_minor, movements from mrr_days
    union all
    select currency, kind, amount_minor, 1 from mrr_movements where recorded_at >= $2
  )
  select currency, sum(amount_minor)::float8 as "mrrMinor",
    sum(case when kind in ('new', 'reactivation') then movements when kind = 'churn' then -movements else 0 end)::float8
      as customers
  from sums
  where $1::text is null or currency = $1
  group by 1
  order by currency collate "C"`;

/** The movements of a range of customers, of one currency or all. */
const MOVEMENTS = `
  movements as (
    select customer_id, currency, kind, amount_minor, occurred_at
    from mrr_movements
    where customer_id > $1 and customer_id <= $2 and ($3::text is null or currency = $3)
  )`;

const CHURN = `
  with ${MOVEMENTS}, standings as (
    select customer_id, currency,
      coalesce(sum(amount_minor) filter (where occurred_at <= $5::timestamptz), 0) > 0 as was_active,
      coalesce(bool_or(kind in ('new', 'reactivation'))
        filter (where occurred_at > $5::timestamptz), false) as has_begun,
      sum(amount_minor) <= 0 as has_left
    from movements
    where occurred_at <= $4
    group by 1, 2
  )
  select currency,
    (count(*) filter (where was_active))::int as "activeBefore",
    (count(*) filter (where has_begun and not was_active))::int as joined,
    (count(*) filter (where has_left and (was_active or has_begun)))::int as churned
  from standings
  group by 1`;

/** The revenue of each customer before and after each month with movements. */
const BALANCES = `
  ${MOVEMENTS}, ${boundaries('$4', '$5', '$6')}, deltas as (
    select customer_id, currency, width_bucket(occurred_at, starts) as month, sum(amount_minor) as delta
    from movements, boundaries
    group by 1, 2, 3
  ), sums as (
    select *, sum(delta) over (partition by customer_id, currency order by month) as total from deltas
  ), balances as (
    select customer_id, currency, month, greatest(total - delta, 0) as before, greatest(total, 0) as after
    from sums
  )`;

const CHANGES_BY_MONTH = `
  with ${BALANCES}
  select month, currency,
    sum(after - before)::float8 as mrr,
    sum((after > 0)::int - (before > 0)::int)::float8 as customers,
    coalesce(sum(after - before) filter (where before > 0), 0)::float8 as net,
    coalesce(sum(least(after - before, 0)) filter (where before > 0), 0)::float8 as gross
  from balances
  group by 1, 2`;

const CHANGES_BY_COHORT = `
  with ${BALANCES}, cohorts as (
    select distinct on (customer_id, currency) customer_id, currency, month as cohort, after as opening
    from balances where after > 0
    order by customer_id, currency, month
  )
  select cohort - $7::int as cohort, month - $7::int as month, currency,
    sum(after - before)::float8 as mrr,
    sum((after > 0)::int - (before > 0)::int)::float8 as customers,
    sum(least(after, opening) - least(before, opening))::float8 as gross
  from balances join cohorts using (customer_id, currency)
  where cohort > $7::int
  group by 1, 2, 3`;

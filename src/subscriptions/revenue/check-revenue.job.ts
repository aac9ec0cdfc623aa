import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { customerRanges } from './customer-ranges.js';

const HOUR_MS = 3_600_000;
const LISTED_MAX = 20;

/**
 * Compares the stored revenue of each customer with the sum of the movements, and adds up the movements of each day for
 * the reports. A difference is an error of this service: it is logged, counted and raises an alert.
 */
@Injectable()
@JobHandler('check-revenue')
export class CheckRevenueJob implements ScheduledJob {
  readonly schedule = { cron: '17 * * * *', catchUpMs: HOUR_MS };
  private readonly logger = new Logger('revenue');

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async run(): Promise<void> {
    const differences = await findDifferences(this.dataSource.manager);
    await inTransaction(this.dataSource, (manager) => record(manager, differences.length));
    if (differences.length === 0) return;
    const event = 'stored revenue is not the sum of its movements';
    this.logger.error({
      event,
      count: differences.length,
      differences: differences.slice(0, LISTED_MAX),
    });
  }
}

interface Difference {
  customerId: string;
  currency: string;
  storedMinor: number;
  movedMinor: number;
}

async function findDifferences(manager: EntityManager): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const { after, upTo } of customerRanges(manager))
    differences.push(...(await manager.query<Difference[]>(DIFFERENCES, [after, upTo])));
  return differences;
}

/** Replaces all sums, a quarter at a time. An error in a sum lasts an hour at most. */
async function record(manager: EntityManager, differences: number): Promise<void> {
  await manager.query(RECORD, [differences]);
  await manager.query('delete from mrr_days');
  const quarters = await manager.query<{ first: string; next: string }[]>(QUARTERS);
  for (const { first, next } of quarters) await manager.query(SUM_DAYS, [first, next]);
}

/** One statement sees one state: a change at the same time is on both sides, or on neither. */
const DIFFERENCES = `
  with moved as (
    select customer_id, currency, sum(amount_minor) as amount from mrr_movements
    where customer_id > $1 and customer_id <= $2
    group by 1, 2
  ), stored as (
    select customer_id, key as currency, value::bigint as amount
    from customer_revenues, jsonb_each_text(mrr)
    where customer_id > $1 and customer_id <= $2
  )
  select customer_id as "customerId", currency,
    coalesce(stored.amount, 0)::float8 as "storedMinor", coalesce(moved.amount, 0)::float8 as "movedMinor"
  from stored full join moved using (customer_id, currency)
  where coalesce(stored.amount, 0) <> coalesce(moved.amount, 0)
  order by 1, 2`;

/** The process that writes a movement dates it: ten minutes leave room for slow commits and differing clocks. */
const RECORD = `
  insert into revenue_checks (id, checked_at, summed_up_to, differences)
  values (1, now(), now() - interval '10 minutes', $1)
  on conflict (id) do update set
    checked_at = excluded.checked_at, summed_up_to = excluded.summed_up_to, differences = excluded.differences`;

const QUARTERS = `
  select first::text, (first + interval '3 months')::text as next
  from (
    select date_trunc('quarter', min(occurred_at) at time zone 'UTC') as oldest,
      max(occurred_at) at time zone 'UTC' as newest
    from mrr_movements
  ) as range, generate_series(oldest, newest, interval '3 months') as first`;

const SUM_DAYS = `
  insert into mrr_days (day, currency, kind, amount_minor, movements)
  select (occurred_at at time zone 'UTC')::date, currency, kind, sum(amount_minor), count(*)
  from mrr_movements
  where occurred_at >= $1::timestamp at time zone 'UTC' and occurred_at < $2::timestamp at time zone 'UTC'
    and recorded_at < (select summed_up_to from revenue_checks)
  group by 1, 2, 3`;

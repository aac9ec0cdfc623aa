/** Runs a statement and returns its rows. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** For each broken promise, the rows that break it. */
export type BrokenPromises = Record<string, object[]>;

const SHOWN_MAX = 20;

/**
 * Looks for states that are never allowed: acknowledged events that are not stored once, customers with a
 * missing or repeated part, rows without their parent, messages and tracking without a job.
 * @returns only the broken promises, with some of the rows that break them
 */
export async function findBrokenPromises(
  sql: RunSql,
  acknowledged: Iterable<string>,
): Promise<BrokenPromises> {
  return {
    ...(await findRows(sql, { lost_events: LOST_EVENTS }, [[...acknowledged]])),
    ...(await findRows(sql, PROMISES)),
  };
}

/** Looks for unfinished work. Call it when the queue is empty. */
export function findUnfinishedWork(sql: RunSql): Promise<BrokenPromises> {
  return findRows(sql, UNFINISHED);
}

/** What is stored of a subscription and its payments once all their events have been processed. */
export interface ExpectedLife {
  stripeCustomerId: string;
  subscriptionId: string;
  status: string;
  mrr: number;
  /** Invoices and disputes by Stripe's id. */
  payments: { id: string; status: string }[];
  /** When each was reached (ISO 8601). */
  milestones: Record<string, string>;
}

/**
 * Looks for subscriptions, invoices and disputes whose stored state is not the newest one, and for wrong milestones.
 * Call it when the queue is empty.
 */
export function findWrongLives(sql: RunSql, expected: readonly ExpectedLife[]): Promise<BrokenPromises> {
  return findRows(sql, WRONG_LIVES, [JSON.stringify(expected)]);
}

async function findRows(
  sql: RunSql,
  questions: Record<string, string>,
  values: unknown[] = [],
): Promise<BrokenPromises> {
  const found: BrokenPromises = {};
  for (const [name, question] of Object.entries(questions)) {
    const rows = await sql(`${question} limit ${SHOWN_MAX}`, values);
    if (rows.length > 0) found[name] = rows;
  }
  return found;
}

const LOST_EVENTS = `
  select acknowledged from unnest($1::text[]) acknowledged
  where not exists (select from webhook_events where stripe_event_id = acknowledged)`;

const WRONG_SUBSCRIPTIONS = `
  select expected."subscriptionId", expected.status, expected.mrr, s.status as stored_status, s.mrr as stored_mrr
  from json_to_recordset($1::json) as expected ("subscriptionId" text, status text, mrr int)
  left join subscriptions s on s.stripe_subscription_id = expected."subscriptionId"
  where s.status is distinct from expected.status
    or coalesce((s.mrr ->> 'usd')::int, 0) <> expected.mrr`;

const WRONG_PAYMENTS = `
  select payment.id, payment.status, stored.status as stored_status, stored.count
  from json_to_recordset($1::json) as life (payments json),
    json_to_recordset(payments) as payment (id text, status text)
  left join lateral (
    select min(status) as status, count(*) from (
      select status from invoices where stripe_invoice_id = payment.id
      union all select status from disputes where stripe_dispute_id = payment.id
    ) as found
  ) as stored on true
  where stored.count <> 1 or stored.status <> payment.status`;

const WRONG_MILESTONES = `
  select "stripeCustomerId", l.milestones as stored, life.milestones as expected
  from json_to_recordset($1::json) as life ("stripeCustomerId" text, milestones jsonb)
  left join customers c on c.stripe_customer_id = "stripeCustomerId"
  left join customer_lifecycles l on l.customer_id = c.id
  where (l.milestones @> life.milestones) is not true`;

const WRONG_LIVES = {
  wrong_subscriptions: WRONG_SUBSCRIPTIONS,
  wrong_payments: WRONG_PAYMENTS,
  wrong_milestones: WRONG_MILESTONES,
};

/** Payloads of waiting jobs: an array for merged jobs, else a single one. */
const QUEUED = `
  queued as materialized (
    select item ->> 'notificationId' as notification_id, item ->> 'customerId' as customer_id
    from graphile_worker._private_jobs jobs
    join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id,
      json_array_elements(
        case json_typeof(jobs.payload) when 'array' then jobs.payload else json_build_array(jobs.payload) end
      ) item
    where tasks.identifier in ('deliver-notification', 'track-customer-created')
  )`;

/** Customers with another number of something than expected. */
function customersWithout(count: number, table: string, where = 'true'): string {
  return `
    select c.id as customer_id, coalesce(parts.count, 0) as found, ${count} as expected
    from customers c
    left join (select customer_id, count(*) from ${table} where ${where} group by 1) parts
      on parts.customer_id = c.id
    where coalesce(parts.count, 0) <> ${count}`;
}

/** Rows of a table whose customer does not exist, where no foreign key prevents it. */
function orphansOf(table: string): string {
  return `
    select id, customer_id from ${table} part
    where customer_id is not null and not exists (select from customers where id = part.customer_id)`;
}

const PROMISES: Record<string, string> = {
  events_without_customer: `
    select stripe_event_id, outcome from webhook_events e
    where outcome in ('created', 'duplicate') and not exists (select from customers where id = e.customer_id)`,
  customers_twice: `
    select stripe_customer_id, livemode, count(*) from customers group by 1, 2 having count(*) > 1`,
  customers_without_event: customersWithout(1, 'webhook_events', `outcome = 'created'`),
  wrong_preferences: customersWithout(1, 'customer_preferences'),
  wrong_portal_accesses: customersWithout(1, 'portal_accesses'),
  wrong_lifecycles: customersWithout(1, 'customer_lifecycles'),
  wrong_lifecycle_starts: customersWithout(1, 'lifecycle_transitions', 'from_stage is null'),
  broken_stage_histories: `
    select customer_id, from_stage, previous, to_stage, stage from (
      select t.customer_id, t.from_stage, t.to_stage, l.stage,
        lag(t.to_stage) over (partition by t.customer_id order by t.id) as previous,
        lead(t.id) over (partition by t.customer_id order by t.id) is null as is_last
      from lifecycle_transitions t join customer_lifecycles l on l.customer_id = t.customer_id
    ) as history
    where from_stage is distinct from previous or from_stage = to_stage or (is_last and to_stage <> stage)`,
  movements_without_revenue: `
    select customer_id, currency, stored.amount as stored, moved.amount as moved
    from (
      select customer_id, key as currency, value::bigint as amount
      from customer_revenues, jsonb_each_text(mrr)
    ) as stored
    full join (
      select customer_id, currency, sum(amount_minor) as amount from mrr_movements group by 1, 2
    ) as moved using (customer_id, currency)
    where coalesce(stored.amount, 0) <> coalesce(moved.amount, 0)`,
  broken_revenue_histories: `
    select customer_id, currency, before_minor, previous from (
      select customer_id, currency, before_minor,
        lag(after_minor, 1, 0::bigint) over (partition by customer_id, currency order by id) as previous
      from mrr_movements
    ) as history
    where before_minor <> previous`,
  wrong_audit_entries: customersWithout(1, 'audit_entries', `action = 'customer.created'`),
  wrong_notifications: customersWithout(3, 'notifications'),
  notification_kinds_twice: `
    select user_id, kind, channel, count(*) from notifications
    where occurrence = '' group by 1, 2, 3 having count(*) > 1`,
  orphaned_audit_entries: orphansOf('audit_entries'),
  orphaned_analytics_events: orphansOf('analytics_events'),
  notifications_without_job: `
    with ${QUEUED}
    select n.id, n.kind, n.status from notifications n
    where n.status = 'queued' and n.id::text not in (
      select notification_id from queued where notification_id is not null
    )`,
  notifications_with_two_jobs: `
    with ${QUEUED}
    select notification_id, count(*) from queued
    where notification_id is not null group by 1 having count(*) > 1`,
  untracked_customers: `
    with ${QUEUED}
    select c.id as customer_id from customers c left join analytics_events a on a.customer_id = c.id and a.name = 'customer_created'
    where a.id is null and c.id::text not in (select customer_id from queued where customer_id is not null)`,
  customers_tracked_twice: `
    select customer_id, count(*) from analytics_events where name = 'customer_created'
    group by 1 having count(*) > 1`,
};

const UNFINISHED: Record<string, string> = {
  waiting_notifications: `
    select id, kind, status, attempts, next_attempt_at from notifications where status = 'queued'`,
  failed_notifications: `
    select id, kind, status, reason from notifications where status not in ('queued', 'sent')`,
  undecided_events: `
    select stripe_event_id, outcome from webhook_events where outcome in ('fetching', 'pending_user', 'pending_customer')`,
  jobs_left: `
    select jobs.id, tasks.identifier, locked_by, locked_at, attempts, last_error
    from graphile_worker._private_jobs jobs
    join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id`,
  sessions_idle_in_transaction: `
    select pid, application_name, state, query from pg_stat_activity
    where state like 'idle in transaction%' and now() - state_change > interval '1 second'`,
};

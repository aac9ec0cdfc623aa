/** Runs a statement and returns its rows. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** For each broken promise the rows that break it. */
export type BrokenPromises = Record<string, object[]>;

const SHOWN_MAX = 20;

/**
 * Looks for what must never be, whatever happened: acknowledged events that are not stored once, customers
 * without one of their parts or with two, rows without their parent, messages and tracking without a job.
 * @returns only the promises that are broken, with some of the rows that break them
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

/** Looks for work that is not done although there was time for it: to be asked once the queue is empty. */
export function findUnfinishedWork(sql: RunSql): Promise<BrokenPromises> {
  return findRows(sql, UNFINISHED);
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

/** Payloads of waiting jobs: an array where jobs were merged, else one. */
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

/** Customers that do not have exactly so many of something. */
function customersWithout(count: number, table: string, where = 'true'): string {
  return `
    select c.id as customer_id, coalesce(parts.count, 0) as found, ${count} as expected
    from customers c
    left join (select customer_id, count(*) from ${table} where ${where} group by 1) parts
      on parts.customer_id = c.id
    where coalesce(parts.count, 0) <> ${count}`;
}

/** Rows of a table whose reference to a customer no foreign key guards. */
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
    select c.id as customer_id from customers c left join analytics_events a on a.customer_id = c.id
    where a.id is null and c.id::text not in (select customer_id from queued where customer_id is not null)`,
  customers_tracked_twice: `
    select customer_id, count(*) from analytics_events where customer_id is not null
    group by 1 having count(*) > 1`,
};

const UNFINISHED: Record<string, string> = {
  waiting_notifications: `
    select id, kind, status, attempts, next_attempt_at from notifications where status = 'queued'`,
  failed_notifications: `
    select id, kind, status, reason from notifications where status not in ('queued', 'sent')`,
  undecided_events: `
    select stripe_event_id, outcome from webhook_events where outcome in ('fetching', 'pending_user')`,
  jobs_left: `
    select jobs.id, tasks.identifier, locked_by, locked_at, attempts, last_error
    from graphile_worker._private_jobs jobs
    join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id`,
  sessions_idle_in_transaction: `
    select pid, application_name, state, query from pg_stat_activity
    where state like 'idle in transaction%' and now() - state_change > interval '1 second'`,
};

import type { RunSql } from './stripe-sender.js';

/**
 * Counts what must never be, whatever happened: acknowledged events that are not stored once, customers
 * without one of their parts, messages and tracking without a job.
 * @returns only the counts that are not zero
 */
export async function findBrokenPromises(
  sql: RunSql,
  acknowledged: Iterable<string>,
): Promise<Record<string, number>> {
  const [counts = {}] = await sql(BROKEN_PROMISES, [[...acknowledged]]);
  return Object.fromEntries(
    Object.entries(counts)
      .map(([name, count]) => [name, Number(count)] as const)
      .filter(([, count]) => count !== 0),
  );
}

const BROKEN_PROMISES = `
  with queued as (
    select item ->> 'notificationId' as notification_id, item ->> 'customerId' as customer_id
    from graphile_worker._private_jobs jobs, json_array_elements(jobs.payload) item
    where task_id in (select id from graphile_worker._private_tasks
      where identifier in ('deliver-notification', 'track-customer-created'))
  ), parts as (
    select c.id,
      coalesce(e.count, 0) as events,
      (select count(*) from customer_preferences p where p.customer_id = c.id) as preferences,
      (select count(*) from portal_accesses p where p.customer_id = c.id) as accesses,
      (select count(*) from customer_lifecycles p where p.customer_id = c.id) as lifecycles,
      (select count(*) from lifecycle_transitions p where p.customer_id = c.id and from_stage is null) as beginnings,
      (select count(*) from audit_entries p where p.customer_id = c.id and action = 'customer.created') as audits,
      (select count(*) from notifications p where p.customer_id = c.id) as notifications
    from customers c
    left join (select customer_id, count(*) from webhook_events where outcome = 'created' group by 1) e
      on e.customer_id = c.id
  )
  select
    (select count(*) from unnest($1::text[]) acknowledged
      where not exists (select from webhook_events where stripe_event_id = acknowledged)) as lost_events,
    (select count(*) from webhook_events e where outcome in ('created', 'duplicate')
      and not exists (select from customers where id = e.customer_id)) as events_without_customer,
    (select count(*) from parts where events <> 1) as customers_without_event,
    (select count(*) from parts where preferences <> 1) as wrong_preferences,
    (select count(*) from parts where accesses <> 1) as wrong_portal_accesses,
    (select count(*) from parts where lifecycles <> 1 or beginnings <> 1) as wrong_lifecycles,
    (select count(*) from parts where audits <> 1) as wrong_audit_entries,
    (select count(*) from parts where notifications <> 3) as wrong_notifications,
    (select count(*) from notifications n left join queued on queued.notification_id = n.id::text
      where n.status = 'queued' and queued.notification_id is null) as notifications_without_job,
    (select count(*) - count(distinct notification_id) from queued
      where notification_id is not null) as notifications_with_two_jobs,
    (select count(*) from customers c left join queued on queued.customer_id = c.id::text
      left join analytics_events a on a.customer_id = c.id
      where queued.customer_id is null and a.id is null) as untracked_customers`;

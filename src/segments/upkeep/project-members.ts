import type { EntityManager } from 'typeorm';
import type { EventImport } from '../../events/stripe-customer.js';

const CUSTOMERS_PER_ROUND = 2000;

/** A change of memberships that the lists show now. */
export interface ProjectedChange {
  /** Of the change; the id of the customer for the memberships at its creation. */
  id: string;
  customerId: string;
  /** Names of the segments whose serving version the customer entered. */
  entered: string[];
  left: string[];
  cause: string;
  stripeEventId: string | null;
  imported: EventImport | null;
  effectiveAt: Date;
}

/**
 * Makes `segment_members` show the memberships of some customers that wait for it. Customers whose rows another
 * transaction holds are left for the next round. The second statement sees every change that committed before the rows
 * were locked.
 * @returns the number of customers, and their changes since the last round in the order in which they were recorded
 */
export async function projectMembers(
  manager: EntityManager,
): Promise<{ customers: number; changes: ProjectedChange[] }> {
  const pending = await manager.query<{ id: string }[]>(LOCK_PENDING, [CUSTOMERS_PER_ROUND]);
  if (pending.length === 0) return { customers: 0, changes: [] };
  const changes = await manager.query<ProjectedChange[]>(PROJECT, [pending.map(({ id }) => id)]);
  return { customers: pending.length, changes };
}

const LOCK_PENDING = `
  select customer_id as id from customer_segments where not is_projected
  order by customer_id limit $1
  for update skip locked`;

/** The names of the segments whose versions served when the change was recorded. */
const namesOf = (versions: string) => `array(
    select segment from segment_versions
    where id = any(${versions}) and served_from <= recorded_at and coalesce(served_until, 'infinity') > recorded_at
    order by 1)`;

const PROJECT = `
  with pending as materialized (
    select customer_id, member_of, first_member_of, projected_until from customer_segments
    where customer_id = any($1)
  ), changes as materialized (
    select changes.id, sequence, customer_id, member_of, entered, "left", cause, stripe_event_id, effective_at, recorded_at
    from pending join segment_changes as changes using (customer_id)
    where sequence > coalesce(projected_until, 0)
    union all
    select id, 0, id, member_of, first_member_of, '{}', 'customer.created', stripe_event_id,
      least(coalesce(stripe_created_at, created_at), created_at), created_at
    from pending join customers on customers.id = customer_id
    where projected_until is null and first_member_of <> '{}'
  ), joined as (
    insert into segment_members as members (version_id, customer_id, since)
    select distinct on (customer_id, version_id) version_id, customer_id, effective_at
    from changes, unnest(entered) as version_id
    where version_id = any(member_of)
    order by customer_id, version_id, sequence desc
    on conflict (version_id, customer_id) do update set since = excluded.since
    where members.since <> excluded.since
  ), removed as (
    delete from segment_members using pending
    where segment_members.customer_id = pending.customer_id and version_id <> all(member_of)
  ), projected as (
    update customer_segments set is_projected = true,
      projected_until = coalesce(newest, pending.projected_until)
    from pending left join (
      select customer_id, max(sequence) as newest from changes group by 1
    ) as newest using (customer_id)
    where customer_segments.customer_id = pending.customer_id
  )
  select changes.id, changes.customer_id as "customerId", ${namesOf('entered')} as entered, ${namesOf('"left"')} as "left",
    cause, changes.stripe_event_id as "stripeEventId", effective_at as "effectiveAt",
    case when reconciliation_id is not null
      then json_build_object('reconciliationId', reconciliation_id, 'notify', notify) end as imported
  from changes left join webhook_events on webhook_events.stripe_event_id = changes.stripe_event_id
  order by sequence`;

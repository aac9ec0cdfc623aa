import type { EntityManager } from 'typeorm';

const CUSTOMERS_PER_ROUND = 2000;

/** What a customer entered and left since its memberships were shown last. */
export interface ProjectedChange {
  customerId: string;
  /** Ids of versions. */
  entered: number[];
  left: number[];
  /** Of the last change. */
  cause: string;
  stripeEventId: string | null;
  effectiveAt: Date;
}

/**
 * Makes `segment_members` show the memberships of some customers that wait for it. Customers whose rows another
 * transaction holds are left for the next round.
 */
export function projectMembers(manager: EntityManager): Promise<ProjectedChange[]> {
  return manager.query(PROJECT, [CUSTOMERS_PER_ROUND]);
}

const PROJECT = `
  with pending as materialized (
    select customer_id, member_of from customer_segments where not is_projected
    order by customer_id limit $1
    for update skip locked
  ), last_changes as materialized (
    select pending.customer_id, member_of, coalesce(cause, 'customer.created') as cause,
      coalesce(changes.stripe_event_id, customers.stripe_event_id) as stripe_event_id,
      coalesce(effective_at, stripe_created_at, created_at) as effective_at
    from pending join customers on customers.id = pending.customer_id
    left join lateral (
      select * from segment_changes where segment_changes.customer_id = pending.customer_id
      order by recorded_at desc limit 1
    ) as changes on true
  ), joined as (
    insert into segment_members (version_id, customer_id, since)
    select version_id, customer_id, effective_at from last_changes, unnest(member_of) as version_id
    on conflict do nothing
    returning customer_id, version_id
  ), removed as (
    delete from segment_members using pending
    where segment_members.customer_id = pending.customer_id and version_id <> all(member_of)
    returning segment_members.customer_id, version_id
  ), projected as (
    update customer_segments set is_projected = true where customer_id in (select customer_id from pending)
  )
  select customer_id as "customerId", cause, stripe_event_id as "stripeEventId", effective_at as "effectiveAt",
    array(select version_id from joined where joined.customer_id = last_changes.customer_id) as entered,
    array(select version_id from removed where removed.customer_id = last_changes.customer_id) as "left"
  from last_changes`;

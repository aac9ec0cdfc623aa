import type { EntityManager } from 'typeorm';

const CHANGES_PER_ROUND = 2000;

/** A change that `segment_members` shows now. */
export interface ProjectedChange {
  customerId: string;
  /** Ids of versions. */
  entered: number[];
  left: number[];
  cause: string;
  stripeEventId: string | null;
  effectiveAt: Date;
}

/**
 * Writes the members of the customers with the oldest changes that are not shown yet. Members follow from
 * `customer_segments`, not from the changes, so their order does not matter. One process at a time does it.
 * @returns what changed, oldest first; null if another process is at it
 */
export async function projectMembers(manager: EntityManager): Promise<ProjectedChange[] | null> {
  const [turn] = await manager.query<{ taken: boolean }[]>(TAKE_TURN);
  if (!turn?.taken) return null;
  return manager.query(PROJECT, [CHANGES_PER_ROUND]);
}

const TAKE_TURN = `select pg_try_advisory_xact_lock(hashtextextended('project segment members', 0)) as taken`;

const PROJECT = `
  with unprojected as materialized (
    select * from segment_changes where not is_projected order by recorded_at limit $1
  ), wanted as (
    select customer_id, unnest(member_of) as version_id from customer_segments
    where customer_id in (select customer_id from unprojected)
  ), entries as (
    select customer_id, version_id, max(effective_at) as since
    from unprojected, unnest(entered) as version_id
    group by 1, 2
  ), joined as (
    insert into segment_members (version_id, customer_id, since)
    select version_id, customer_id, since from wanted join entries using (customer_id, version_id)
    on conflict (version_id, customer_id) do update set since = excluded.since
  ), removed as (
    delete from segment_members
    where customer_id in (select customer_id from unprojected)
      and (customer_id, version_id) not in (select customer_id, version_id from wanted)
  ), projected as (
    update segment_changes set is_projected = true where id in (select id from unprojected)
  )
  select customer_id as "customerId", entered, "left", cause, stripe_event_id as "stripeEventId",
    effective_at as "effectiveAt"
  from unprojected
  order by recorded_at`;

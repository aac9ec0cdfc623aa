import type { EntityManager } from 'typeorm';
import { MEMBERSHIP_HISTORY } from '../memberships/membership-history.js';
import type { Rule } from '../rules/rule.js';
import type { CompiledRules } from '../rules/sql/compile-rule.js';
import type { MembershipDto, SegmentMemberDto, SegmentPreviewDto } from './segment.dto.js';

/** The version that serves. */
export interface ServingVersion {
  id: number;
  version: number;
  rule: Rule;
}

interface MembersPage {
  cursor: string | null;
  limit: number;
}

/** The version of a segment at a time, or now; its fields are null while none serves. Null for an unknown segment. */
export async function findServing(
  manager: EntityManager,
  name: string,
  at: Date | null,
): Promise<ServingVersion | { id: null } | null> {
  const [row] = await manager.query<(ServingVersion | { id: null })[]>(SERVING, [name, at]);
  return row ?? null;
}

export async function preview(
  manager: EntityManager,
  { joins, columns }: CompiledRules,
): Promise<SegmentPreviewDto> {
  const isTrue = columns.map((column) => column.isTrue).join();
  const [row] = await manager.query<SegmentPreviewDto[]>(`
    with evaluation as (select date_trunc('milliseconds', now()) as now), members as materialized (
      select customers.id, customers.stripe_customer_id
      from (select * from customers where deleted_at is null) as customers cross join evaluation
      ${joins}
      where ${isTrue}
    )
    select (select count(*)::int from members) as count,
      (select count(*)::int from customers where deleted_at is null) as customers,
      coalesce((
        select json_agg(json_build_object('customerId', id, 'stripeCustomerId', stripe_customer_id, 'since', null))
        from (select * from members order by id desc limit 10) as newest
      ), '[]') as sample`);
  return row as SegmentPreviewDto;
}

export function findMembers(
  manager: EntityManager,
  versionId: number,
  { cursor, limit }: MembersPage,
): Promise<SegmentMemberDto[]> {
  return manager.query(MEMBERS, [versionId, cursor, limit]);
}

/** The members of a version as they were at a time, as known at a time. */
export function findMembersAt(
  manager: EntityManager,
  versionId: number,
  { at, knownAt }: { at: Date; knownAt: Date | null },
  { cursor, limit }: MembersPage,
): Promise<SegmentMemberDto[]> {
  return manager.query(MEMBERS_AT, [versionId, at, knownAt, cursor, limit]);
}

/** Whether a customer is a member of a version, with the cause of the last change. */
export async function findMembership(
  manager: EntityManager,
  customerId: string,
  versionId: number,
): Promise<
  Pick<MembershipDto, 'isMember' | 'since' | 'recordedAt' | 'cause' | 'stripeEventId' | 'nextEvaluationAt'>
> {
  const [row] = await manager.query(MEMBERSHIP, [customerId, versionId]);
  return row;
}

const SERVING = `
  select versions.id, version, rule from segments left join segment_versions versions
    on segment_id = segments.id and served_from <= coalesce($2::timestamptz, now())
    and coalesce(served_until, 'infinity') > coalesce($2::timestamptz, now())
  where name = $1`;

const MEMBERS = `
  select customer_id as "customerId", stripe_customer_id as "stripeCustomerId", since
  from segment_members join customers on customers.id = customer_id
  where version_id = $1 and ($2::uuid is null or customer_id < $2)
  order by customer_id desc
  limit $3`;

const MEMBERS_AT = `
  select customer_id as "customerId", stripe_customer_id as "stripeCustomerId", since
  from (
    select distinct on (customer_id) customer_id, $1 = any(entered) as has_entered, effective_at as since
    from ${MEMBERSHIP_HISTORY} as history
    where ($1 = any(entered) or $1 = any("left")) and effective_at <= $2
      and ($3::timestamptz is null or recorded_at <= $3) and ($4::uuid is null or customer_id < $4)
    order by customer_id desc, sequence desc
  ) as last_changes join customers on customers.id = customer_id
  where has_entered
  order by customer_id desc
  limit $5`;

const MEMBERSHIP = `
  select coalesce($2 = any(member_of), false) as "isMember", effective_at as since,
    recorded_at as "recordedAt", cause, changes.stripe_event_id as "stripeEventId",
    next_evaluation_at as "nextEvaluationAt"
  from customers left join customer_segments on customer_segments.customer_id = customers.id
  left join lateral (
    select * from ${MEMBERSHIP_HISTORY} as history
    where history.customer_id = customers.id and ($2 = any(entered) or $2 = any("left"))
    order by sequence desc limit 1
  ) as changes on true
  where customers.id = $1`;

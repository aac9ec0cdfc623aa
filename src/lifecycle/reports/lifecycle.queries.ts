import type { EntityManager } from 'typeorm';
import type { LifecycleStage } from '../../events/lifecycle/lifecycle-names.js';
import type { StageCustomerDto, StageDto, StageFlowDto } from './lifecycle.dto.js';

/** The customers in a stage, newest first. */
export function findByStage(
  manager: EntityManager,
  stage: LifecycleStage,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<StageCustomerDto[]> {
  return manager.query(BY_STAGE, [stage, cursor ?? null, limit]);
}

/** The newest customer of this id, with its last change of stage up to the times; none for an unknown customer. */
export async function findStage(
  manager: EntityManager,
  stripeCustomerId: string,
  { at, knownAt }: { at: Date; knownAt: Date | null },
): Promise<StageDto | null> {
  const [row] = await manager.query<StageDto[]>(STAGE_AT, [stripeCustomerId, at, knownAt]);
  return row ?? null;
}

export function countFlow(manager: EntityManager, from: Date, to: Date): Promise<StageFlowDto[]> {
  return manager.query(FLOW, [from, to]);
}

const BY_STAGE = `
  select customer_id as "customerId", stripe_customer_id as "stripeCustomerId", stage,
    stage_entered_at as "stageEnteredAt", risks
  from customer_lifecycles l join customers c on c.id = l.customer_id
  where stage = $1 and ($2::uuid is null or customer_id < $2)
  order by customer_id desc
  limit $3`;

/** Of several changes at one time, the one that was recorded last counts. */
const STAGE_AT = `
  select stripe_customer_id as "stripeCustomerId", $2::timestamptz as at, to_stage as stage,
    occurred_at as since, recorded_at as "recordedAt", trigger, t.stripe_event_id as "stripeEventId"
  from (
    select id, stripe_customer_id from customers where stripe_customer_id = $1 order by id desc limit 1
  ) as c left join lateral (
    select * from lifecycle_transitions
    where customer_id = c.id and occurred_at <= $2 and ($3::timestamptz is null or recorded_at <= $3)
    order by occurred_at desc, lifecycle_transitions.id desc
    limit 1
  ) as t on true`;

const FLOW = `
  select from_stage as "fromStage", to_stage as "toStage", count(*)::int as transitions,
    count(distinct customer_id)::int as customers
  from lifecycle_transitions
  where occurred_at >= $1 and occurred_at < $2
  group by 1, 2
  order by 1 nulls first, 2`;

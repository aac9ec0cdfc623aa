import type { EntityManager } from 'typeorm';
import type { MilestoneOverdueTrigger } from '../definitions/definition.js';

/** A milestone of a customer that became overdue. */
export interface Overdue {
  customerId: string;
  /** When it became overdue. */
  at: Date;
}

/** The customers for which it became known in a period that the milestone is overdue: it was not reached in time. @param most null for all */
export function findOverdue(
  manager: EntityManager,
  { milestone, days, sinceStage }: MilestoneOverdueTrigger,
  { after, until }: { after: Date; until: Date },
  most: number | null = null,
): Promise<Overdue[]> {
  return manager.query(OVERDUE, [milestone, days, sinceStage ?? null, after, until, most]);
}

/** The time in Stripe from which the days count. */
const SINCE = `case when $3::text is null then coalesce(stripe_created_at, customers.created_at)
    when stage = $3 then stage_entered_at end`;

/** When that was written down here: a customer who becomes known late is overdue from then on, and not before. */
const KNOWN = `case when $3::text is null then customers.created_at else stage_recorded_at end`;

const OVERDUE = `
  select id as "customerId", at from (
    select customers.id, milestones, ${SINCE} + $2::int * interval '1 day' as at, ${KNOWN} as known_at
    from customers join customer_lifecycles on customer_id = customers.id
    where deleted_at is null
  ) as bases
  where greatest(at, known_at) > $4 and greatest(at, known_at) <= $5 and at is not null
    and coalesce((milestones ->> $1)::timestamptz > at, true)
  order by id limit $6`;

import type { EntityManager } from 'typeorm';
import type { MilestoneOverdueTrigger } from '../definitions/definition.js';

/** A milestone of a customer that became overdue. */
export interface Overdue {
  customerId: string;
  /** When it became overdue. */
  at: Date;
}

/** The customers for which the milestone became overdue in a period, and was not reached by then. */
export function findOverdue(
  manager: EntityManager,
  { milestone, days, sinceStage }: MilestoneOverdueTrigger,
  { after, until }: { after: Date; until: Date },
): Promise<Overdue[]> {
  return manager.query(OVERDUE, [milestone, days, sinceStage ?? null, after, until]);
}

const SINCE = `case when $3::text is null then coalesce(stripe_created_at, customers.created_at)
    when stage = $3 then stage_entered_at end`;

const OVERDUE = `
  select id as "customerId", at from (
    select customers.id, milestones, ${SINCE} + $2::int * interval '1 day' as at
    from customers join customer_lifecycles on customer_id = customers.id
    where deleted_at is null
  ) as bases
  where at > $4 and at <= $5 and coalesce((milestones ->> $1)::timestamptz > at, true)
  order by id`;

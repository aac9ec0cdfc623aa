import type { EntityManager } from 'typeorm';
import type { FactTypeName } from '../../events/integrations/fact-types.js';
import { MEMBERSHIP_HISTORY } from '../../segments/memberships/membership-history.js';
import type {
  FactTrigger,
  PredictionTrigger,
  SegmentTrigger,
  StageTrigger,
  When,
} from '../definitions/definition.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { isStart } from '../starting/is-start.js';
import { findOverdue } from '../starting/overdue.queries.js';

/** Something in the past that would have started a run. */
export interface PastStart {
  customerId: string;
  at: Date;
}

interface PastFact extends PastStart {
  data: Record<string, unknown>;
}

/** More would take too much time and memory. */
const READ_MAX = 100_000;

/** What would have started runs in a period, oldest first. @throws DomainError question_too_large */
export async function findPastStarts(
  manager: EntityManager,
  when: When,
  { from, to }: { from: Date; to: Date },
): Promise<PastStart[]> {
  switch (when.type) {
    case 'manual':
      return [];
    case 'milestone_overdue': {
      const overdue = await findOverdue(manager, when, { after: from, until: to }, READ_MAX + 1);
      return notTooMany(overdue).toSorted((one, other) => +one.at - +other.at);
    }
    case 'prediction':
      return notTooMany(await findCrossings(manager, when, from));
    default: {
      const type = factOf(when);
      const values = [from, patternsOf(when), READ_MAX + 1];
      const facts = await manager.query<PastFact[]>(pastFacts(type), values);
      return notTooMany(facts).filter(({ data }) => isStart(when, { type, data }));
    }
  }
}

function notTooMany<T>(rows: T[]): T[] {
  if (rows.length <= READ_MAX) return rows;
  throw new DomainError(
    'question_too_large',
    `There are more than ${READ_MAX} possible starts: choose a shorter period or a rarer trigger`,
  );
}

/** Since when the outbox has facts; null while it has none. */
export async function findOutboxStart(manager: EntityManager): Promise<Date | null> {
  const [row] = await manager.query<{ since: Date | null }[]>('select min(recorded_at) as since from outbox');
  return row?.since ?? null;
}

/** Whether the past facts of a trigger are read from the outbox, which keeps them for a time only. */
export function isFromOutbox(when: When): boolean {
  return when.type === 'fact' && !Object.hasOwn(HISTORIES, when.fact);
}

type OfFact = FactTrigger | StageTrigger | SegmentTrigger;

function factOf(when: OfFact): FactTypeName {
  if (when.type === 'fact') return when.fact;
  return when.type === 'stage' ? 'customer.stage_changed' : `customer.segment_${when.change}`;
}

/** Data of which a fact must contain one. */
function patternsOf(when: OfFact): string[] {
  if (when.type === 'stage') return when.in.map((to) => JSON.stringify({ to }));
  return [JSON.stringify(when.type === 'fact' ? (when.data ?? {}) : { segment: when.segment })];
}

function findCrossings(
  manager: EntityManager,
  { target, crosses, value }: PredictionTrigger,
  from: Date,
): Promise<PastStart[]> {
  return manager.query(CROSSINGS, [target, crosses, value, from, READ_MAX + 1]);
}

function pastFacts(type: FactTypeName): string {
  const history = HISTORIES[type] ?? outboxOf(type);
  return `
    select customer_id as "customerId", at, data from (${history}) as facts (customer_id, at, data)
    where at >= $1 and data @> any($2::jsonb[])
    order by at limit $3`;
}

const outboxOf = (type: FactTypeName) =>
  `select customer_id, recorded_at, data from outbox where type = '${type}'`;

/** The changes of memberships by which segments served then. */
const memberships = (change: 'entered' | '"left"') => `
  select history.customer_id, recorded_at, jsonb_build_object('segment', segment, 'cause', cause)
  from ${MEMBERSHIP_HISTORY} as history
  join segment_versions on segment_versions.id = any(${change})
    and served_from <= recorded_at and coalesce(served_until, 'infinity') > recorded_at`;

/** What is kept besides the outbox, in the form of its facts: customer, time of recording, data. */
const HISTORIES: Partial<Record<FactTypeName, string>> = {
  'customer.created': `
    select id, created_at, jsonb_build_object('stripeCustomerId', stripe_customer_id, 'imported', exists (
      select from webhook_events
      where webhook_events.stripe_event_id = customers.stripe_event_id and reconciliation_id is not null))
    from customers`,
  'customer.stage_changed': `
    select customer_id, recorded_at, jsonb_build_object('from', from_stage, 'to', to_stage)
    from lifecycle_transitions where from_stage is not null and trigger <> 'customer_deleted'`,
  'customer.segment_entered': memberships('entered'),
  'customer.segment_left': memberships('"left"'),
  'revenue.moved': `
    select customer_id, recorded_at, jsonb_build_object('kind', kind, 'currency', currency,
      'beforeMinor', before_minor, 'afterMinor', after_minor)
    from mrr_movements`,
};

const CROSSINGS = `
  select customer_id as "customerId", t0 as at from (
    select customer_id, t0, is_held_out, case $2 when 'above' then score >= $3 else score <= $3 end as is_beyond,
      lag(case $2 when 'above' then score >= $3 else score <= $3 end) over (partition by customer_id order by t0) as was_beyond
    from prediction_outcomes where target = $1 and customer_id is not null
  ) as noted
  where t0 >= $4 and is_beyond and not coalesce(was_beyond, false) and not is_held_out
  order by t0 limit $5`;

import type { EntityManager } from 'typeorm';
import type { CustomerFacts, CustomerFields, EventFact } from '../rules/customer-facts.js';
import { eventsOf } from '../rules/inputs-of.js';
import type { Rule } from '../rules/rule.js';

/** An explanation counts at most so many events of one name, the newest ones. */
const EVENTS_MAX = 10_000;

/** The inputs of a rule for a customer. */
export interface ExplainedCustomer {
  facts: CustomerFacts;
  isDeleted: boolean;
  /** Names of events of which there are more than are counted. */
  partlyCounted: string[];
}

interface CustomerRow {
  customerId: string;
  userId: string | null;
  isDeleted: boolean;
  customer: CustomerFields;
  stage: string | null;
  stageEnteredAt: number;
  milestones: Record<string, string> | null;
  mrr: Record<string, number> | null;
  predictions: Record<string, number> | null;
  memberOf: number[] | null;
  arms: Record<string, string> | null;
}

/** The inputs of a rule for the newest customer of this id; null for an unknown customer. */
export async function findCustomerFacts(
  manager: EntityManager,
  stripeCustomerId: string,
  rule?: Rule,
): Promise<ExplainedCustomer | null> {
  const [row] = await manager.query<CustomerRow[]>(CUSTOMER, [stripeCustomerId]);
  if (!row) return null;
  const { customerId, userId, isDeleted, customer, stage, stageEnteredAt } = row;
  const events = new Map<string, EventFact[]>();
  for (const name of rule ? eventsOf(rule) : [])
    events.set(name, await manager.query<EventFact[]>(EVENTS, [userId, name, EVENTS_MAX + 1]));
  const partlyCounted = [...events].flatMap(([name, some]) => (some.length > EVENTS_MAX ? [name] : []));
  for (const name of partlyCounted) events.get(name)?.pop();
  const facts = {
    customerId,
    userId,
    customer,
    lifecycle: stage === null ? null : { stage, enteredAt: stageEnteredAt },
    milestones: row.milestones ?? {},
    mrr: row.mrr ?? {},
    predictions: row.predictions ?? {},
    events,
    arms: new Map(Object.entries(row.arms ?? {})),
    memberOf: new Set(row.memberOf),
  };
  return { facts, isDeleted, partlyCounted };
}

const ARMS = `(
    select jsonb_object_agg(experiments.name, experiment_phases.arms -> held.arm ->> 'key')
    from experiment_units cross join unnest(phase_ids, arms) as held (phase_id, arm)
    join experiment_phases on experiment_phases.id = held.phase_id
    join experiments on experiments.id = experiment_id
    where experiment_units.user_id = c.user_id)`;

const CUSTOMER = `
  select c.id as "customerId", user_id as "userId", deleted_at is not null as "isDeleted", stage, milestones, mrr,
    member_of as "memberOf", ${ARMS} as arms,
    (select json_object_agg(target, score) from customer_predictions p
     where p.customer_id = c.id and not is_held_out) as predictions,
    floor(extract(epoch from stage_entered_at) * 1000)::float8 as "stageEnteredAt",
    json_build_object(
      'email', email, 'name', name, 'phone', phone, 'address', address, 'metadata', metadata,
      'preferredLocales', preferred_locales, 'currency', currency, 'account', account, 'livemode', livemode,
      'delinquent', delinquent,
      'createdAt', floor(extract(epoch from coalesce(stripe_created_at, created_at)) * 1000)
    ) as customer
  from customers c
  left join customer_lifecycles l on l.customer_id = c.id
  left join customer_revenues r on r.customer_id = c.id
  left join customer_segments s on s.customer_id = c.id
  where stripe_customer_id = $1
  order by c.id desc limit 1`;

const EVENTS = `
  select floor(extract(epoch from occurred_at) * 1000)::float8 as "occurredAt", event_id::float8 as "eventId", properties
  from behaviour_events join people using (person_id)
  where user_id = $1 and name = $2
  order by occurred_at desc, event_id desc
  limit $3`;

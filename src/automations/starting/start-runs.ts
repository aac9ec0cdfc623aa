import type { EntityManager } from 'typeorm';
import { uuidv7 } from '../../platform/database/uuid.js';
import { type CustomerRules, RuleBroken } from '../../segments/memberships/customer-rules.service.js';
import type { Definition } from '../definitions/definition.js';

/** A version of an automation that is enabled. */
export interface ActiveAutomation {
  name: string;
  version: number;
  definition: Definition;
  enabledAt: Date;
}

/** Something that starts a run. */
export interface Start {
  customerId: string;
  /** The same automation, customer and occurrence start one run. */
  occurrence: string;
}

/** Whether an import brought a customer, without notifying it. */
const IS_IMPORTED = `exists (
  select from webhook_events where webhook_events.stripe_event_id = customers.stripe_event_id
    and webhook_events.reconciliation_id is not null and not webhook_events.notify)`;

/**
 * Starts runs for the customers that pass, each at most once for an occurrence. A run whose rule is broken has failed
 * from the beginning, so that it is seen; its customer has not passed through.
 * @returns the ids of the runs that started
 */
export async function startRuns(
  manager: EntityManager,
  rules: CustomerRules,
  { name, version, definition }: ActiveAutomation,
  starts: readonly Start[],
  now: Date,
): Promise<string[]> {
  const customerIds = [...new Set(starts.map(({ customerId }) => customerId))];
  const { passing, state, reason } = await findStartable(manager, rules, definition, customerIds, now);
  const chosen = starts.filter(({ customerId }) => passing.has(customerId));
  if (chosen.length === 0) return [];
  return idsOf(manager, START, [
    chosen.map(() => uuidv7()),
    chosen.map(({ customerId }) => customerId),
    chosen.map(({ occurrence }) => (definition.once && state === 'running' ? ONCE : occurrence)),
    name,
    version,
    state,
    reason,
    definition.once,
    now,
  ]);
}

/** The occurrence of an automation that customers pass through once. */
const ONCE = 'once';

/** The customers who would start. A rule that is broken lets all pass that are eligible, into runs that have failed. */
export async function findStartable(
  manager: EntityManager,
  rules: CustomerRules,
  definition: Definition,
  customerIds: readonly string[],
  now: Date,
): Promise<{ passing: ReadonlySet<string>; state: 'running' | 'failed'; reason: string | null }> {
  const eligible = await findEligible(manager, definition, customerIds);
  try {
    const passing = await findPassing(manager, rules, definition, eligible, now);
    return { passing, state: 'running', reason: null };
  } catch (error) {
    if (!(error instanceof RuleBroken)) throw error;
    return { passing: new Set(eligible), state: 'failed', reason: 'rule_broken' };
  }
}

/** The customers who are not gone. Those of an import are left out unless the automation includes them. */
export function findEligible(
  manager: EntityManager,
  { includeImported }: Definition,
  customerIds: readonly string[],
): Promise<string[]> {
  return idsOf(manager, ELIGIBLE, [customerIds, includeImported]);
}

/** The customers for which the rule of the automation is true now. @throws RuleBroken */
export async function findPassing(
  manager: EntityManager,
  rules: CustomerRules,
  { if: condition }: Definition,
  customerIds: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (!condition || customerIds.length === 0) return new Set(customerIds);
  const decided = await rules.decide(manager, condition, customerIds, now);
  return new Set(customerIds.filter((id) => decided.get(id)?.isTrue));
}

async function idsOf(manager: EntityManager, text: string, values: unknown[]): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(text, values);
  return rows.map(({ id }) => id);
}

const ELIGIBLE = `
  select id from customers
  where id = any($1) and deleted_at is null and erased_at is null and ($2 or not ${IS_IMPORTED})`;

const START = `
  with started as (
    insert into automation_runs (id, automation, version, customer_id, occurrence, state, reason, step, due_at, attempts,
      created_at, updated_at, ended_at)
    select id, $4, $5, customer_id, occurrence, $6, $7, 0, case when $6 = 'running' then $9::timestamptz end, 0, $9, $9,
      case when $6 = 'failed' then $9::timestamptz end
    from unnest($1::uuid[], $2::uuid[], $3::text[]) as given (id, customer_id, occurrence)
    where not $8 or not exists (
      select from automation_runs earlier
      where automation = $4 and earlier.customer_id = given.customer_id and earlier.state <> 'failed')
    order by customer_id
    on conflict do nothing
    returning id
  )
  select id from started`;

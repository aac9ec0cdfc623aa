import type { EntityManager } from 'typeorm';
import type { BatchedStatement } from '../../platform/unit-of-work/statement-batch.js';
import type { InterpretedEvent } from '../decision/event-decision.js';

/**
 * Locks, until the transaction ends, the customers whose subscriptions and payments some events change. All of them
 * change the one standing of the customer, so transactions at the same time follow each other. The order of the locks
 * is the same in all transactions: none waits for another in a circle.
 * @returns null for events that change no standing
 */
export function customerLocksOf(events: readonly InterpretedEvent[]): BatchedStatement | null {
  const customerIds = events.flatMap(({ subject }) =>
    subject?.billingObjectId === undefined ? [] : (subject.stripeCustomerId ?? []),
  );
  return customerIds.length === 0 ? null : { text: LOCK, values: [JSON.stringify(customerIds)] };
}

/** Locks them in the transaction of the manager. What is read after it does not change until it ends. */
export async function lockCustomers(
  manager: EntityManager,
  events: readonly InterpretedEvent[],
): Promise<void> {
  const locks = customerLocksOf(events);
  if (locks) await manager.query(locks.text, locks.values);
}

const LOCK = `
  select pg_advisory_xact_lock(key)
  from (
    select distinct hashtextextended(id, 0) as key from json_array_elements_text($1::json) as id order by key
  ) as keys`;

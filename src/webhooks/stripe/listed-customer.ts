import type { EventImport } from '../../events/stripe-customer.js';
import { type ListedObject, toOwnEvent } from './own-event.js';
import type { ReceivedEvent } from './received-event.js';

/** Our own event types for customers in Stripe's list. No type of Stripe has this prefix. */
export const CUSTOMER_LISTED = 'mingus.customer.listed';
export const CUSTOMER_GONE = 'mingus.customer.gone';

/**
 * Makes an event from a listed customer.
 * @param stateAt when Stripe listed the customer
 * @param replaces the stored state, if any, so that a return to an earlier state is a new event
 */
export function toListedEvent(
  customer: ListedObject,
  stateAt: Date,
  imported: EventImport,
  replaces: Date | null = null,
): ReceivedEvent {
  return toOwnEvent(CUSTOMER_LISTED, customer, stateAt, imported, replaces?.toISOString() ?? 'unknown');
}

/** Makes an event from a customer that Stripe has deleted. */
export function toGoneEvent(
  { id, livemode }: ListedObject,
  stateAt: Date,
  imported: EventImport,
): ReceivedEvent {
  const remains = { id, object: 'customer', deleted: true, livemode };
  return toOwnEvent(CUSTOMER_GONE, remains, stateAt, imported, 'deleted');
}

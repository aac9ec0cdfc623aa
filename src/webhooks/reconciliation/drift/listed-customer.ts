import { createHash } from 'node:crypto';
import type { EventImport } from '../../../events/stripe-customer.js';
import { parseReceivedEvent, type ReceivedEvent } from '../../intake/received-event.js';

/** Event types of our own, for what Stripe's list of customers tells. Stripe's begin differently. */
export const CUSTOMER_LISTED = 'mingus.customer.listed';
export const CUSTOMER_GONE = 'mingus.customer.gone';

/** Whether an event is not one of Stripe's. */
export function isOurOwn({ type }: ReceivedEvent): boolean {
  return type === CUSTOMER_LISTED || type === CUSTOMER_GONE;
}

/** A customer object as Stripe's API answers it. */
export type CustomerObject = { id: string; created: number; livemode: boolean };

/**
 * A customer of the list as an event like any other, so that it takes the way of all events. Its id follows
 * from what it tells: told twice, it is recognised.
 * @param stateAt as of when Stripe listed it
 * @param replaces the state that we store, if any: to come back to an earlier one is news
 */
export function toListedEvent(
  customer: CustomerObject,
  stateAt: Date,
  imported: EventImport,
  replaces: Date | null = null,
): ReceivedEvent {
  return toEvent(CUSTOMER_LISTED, customer, stateAt, imported, replaces?.toISOString() ?? 'unknown');
}

/** A customer that Stripe has deleted. */
export function toGoneEvent(
  { id, livemode }: Omit<CustomerObject, 'created'>,
  stateAt: Date,
  imported: EventImport,
): ReceivedEvent {
  const remains = { id, object: 'customer', deleted: true, livemode };
  return toEvent(CUSTOMER_GONE, remains, stateAt, imported, 'deleted');
}

function toEvent(
  type: string,
  object: { id: string; livemode: boolean },
  stateAt: Date,
  imported: EventImport,
  replaces: string,
): ReceivedEvent {
  const content = JSON.stringify(object);
  const digest = createHash('sha256').update(`${type} ${replaces} ${content}`).digest('hex').slice(0, 40);
  const created = Math.floor(stateAt.getTime() / 1000);
  const body = `{"id":"mingus_${digest}","object":"event","type":"${type}","created":${created},"livemode":${object.livemode},"data":{"object":${content}}}`;
  return { ...(parseReceivedEvent(Buffer.from(body), new Date()) as ReceivedEvent), imported };
}

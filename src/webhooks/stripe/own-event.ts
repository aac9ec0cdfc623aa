import { createHash } from 'node:crypto';
import type { EventImport } from '../../events/stripe-customer.js';
import { parseReceivedEvent, type ReceivedEvent } from './received-event.js';

/** An object as Stripe's API answers it. */
export type ListedObject = { id: string; livemode: boolean };

/** Our own event types for subscriptions, invoices and disputes in Stripe's lists. No type of Stripe has this prefix. */
export const BILLING_LISTED = {
  subscription: 'mingus.customer.subscription.listed',
  invoice: 'mingus.invoice.listed',
  dispute: 'mingus.charge.dispute.listed',
} as const;

/** Whether the service made the event itself. */
export function isOurOwn({ type }: ReceivedEvent): boolean {
  return type.startsWith('mingus.');
}

/**
 * Makes an event from a listed object, so that it is handled like all events. Its id is a digest of its content, so the
 * same state has the same id.
 * @param stateAt when Stripe listed the object
 * @param replaces what is stored, so that a return to an earlier state is a new event
 */
export function toOwnEvent(
  type: string,
  object: ListedObject,
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

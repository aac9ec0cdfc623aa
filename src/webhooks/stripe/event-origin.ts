import type { EventOrigin } from '../../events/stripe-customer.js';
import type { ReceivedEvent } from './received-event.js';

/** The part of an event that the listeners of its facts get. */
export function originOf(received: ReceivedEvent): EventOrigin {
  return {
    stripeEventId: received.stripeEventId,
    type: received.type,
    apiVersion: received.apiVersion,
    account: received.account,
    stripeCreatedAt: received.stripeCreatedAt,
    stateAt: received.stateAt,
    stateToldBy: received.stateToldBy,
    receivedAt: received.receivedAt.toISOString(),
    creationMethod: received.creationMethod,
    requestId: received.requestId,
    imported: received.imported,
  };
}

import { uuidv7 } from '../platform/database/uuid.js';
import type { EventOrigin } from '../events/customer-created.event.js';
import type { Decision, InterpretedEvent } from './decision/event-decision.js';
import type { ReceivedEvent } from './intake/received-event.js';
import type { WebhookEvent } from './webhook-event.entity.js';

/** The inbox row of a decided event. The id of a created customer is the caller's to add. */
export function toInboxRow(
  { received, subject }: InterpretedEvent,
  decision: Exclude<Decision, { outcome: 'redelivered' }>,
): WebhookEvent {
  const refusal = 'refusal' in decision ? decision.refusal : null;
  return {
    id: uuidv7(),
    stripeEventId: received.stripeEventId,
    type: received.type,
    livemode: received.livemode,
    apiVersion: received.apiVersion,
    account: received.account,
    requestId: received.requestId,
    stripeCreatedAt: received.stripeCreatedAt === null ? null : new Date(received.stripeCreatedAt),
    outcome: decision.outcome,
    errorCode: refusal?.code ?? null,
    errorMessage: refusal?.message ?? null,
    stripeCustomerId: subject?.valid ? subject.customer.stripeCustomerId : null,
    mingusUserId: subject?.valid ? subject.mingusUserId : null,
    customerId: decision.outcome === 'duplicate' ? decision.customerId : null,
    body: decision.outcome === 'ignored' ? null : received.body,
    receivedAt: received.receivedAt,
    decidedAt: new Date(),
  };
}

/** What listeners learn about the event behind a fact. */
export function originOf(received: ReceivedEvent): EventOrigin {
  return {
    stripeEventId: received.stripeEventId,
    type: received.type,
    apiVersion: received.apiVersion,
    account: received.account,
    stripeCreatedAt: received.stripeCreatedAt,
    receivedAt: received.receivedAt.toISOString(),
    creationMethod: received.creationMethod,
    requestId: received.requestId,
  };
}

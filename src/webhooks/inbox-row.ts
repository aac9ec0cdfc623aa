import { uuidv7 } from '../platform/database/uuid.js';
import type { EventOrigin } from '../events/stripe-customer.js';
import type { InterpretedEvent } from './decision/event-decision.js';
import type { Verdict } from './decision/verdict.js';
import { parseReceivedEvent, type ReceivedEvent } from './intake/received-event.js';
import type { WebhookEvent } from './webhook-event.entity.js';

/** The inbox row of a decided event. */
export function toInboxRow(
  { received, subject, named }: InterpretedEvent,
  { outcome, refusal, customerId }: Verdict,
): WebhookEvent {
  return {
    id: uuidv7(),
    stripeEventId: received.stripeEventId,
    type: received.type,
    livemode: received.livemode,
    apiVersion: received.apiVersion,
    account: received.account,
    requestId: received.requestId,
    stripeCreatedAt: received.stripeCreatedAt === null ? null : new Date(received.stripeCreatedAt),
    outcome,
    errorCode: refusal?.code ?? null,
    errorMessage: refusal?.message ?? null,
    stripeCustomerId: named?.stripeCustomerId ?? null,
    mingusUserId: subject?.mingusUserId ?? null,
    customerId,
    reconciliationId: received.imported?.reconciliationId ?? null,
    notify: received.imported?.notify ?? true,
    body: outcome === 'ignored' ? null : received.body,
    receivedAt: received.receivedAt,
    decidedAt: new Date(),
  };
}

/** A stored event as it was received; null where its body is not kept. */
export function toReceivedEvent(row: WebhookEvent): ReceivedEvent | null {
  const { body, receivedAt, reconciliationId, notify } = row;
  const received = body === null ? null : parseReceivedEvent(Buffer.from(body), receivedAt);
  return received && { ...received, imported: reconciliationId ? { reconciliationId, notify } : null };
}

/** What listeners learn about the event behind a fact. */
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

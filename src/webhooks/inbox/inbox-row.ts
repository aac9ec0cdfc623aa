import { uuidv7 } from '../../platform/database/uuid.js';
import type { InterpretedEvent } from '../decision/event-decision.js';
import type { Verdict } from '../decision/verdict.js';
import type { EventOutcome } from '../stripe/event-outcome.js';
import { addressIn, userIdIn } from '../stripe/named-person.js';
import { parseReceivedEvent, type ReceivedEvent } from '../stripe/received-event.js';
import type { WebhookEvent } from './webhook-event.entity.js';

/** After these outcomes the customer has the address of the event. An ignored event names no address to search for. */
const HAS_STORED_ADDRESS = new Set<EventOutcome>(['created', 'updated', 'deleted', 'ignored']);

/** The inbox row of a decided event. */
export function toInboxRow(
  { received, subject, named }: InterpretedEvent,
  { outcome, refusal, customerId }: Verdict,
): WebhookEvent {
  const decidedAt = new Date();
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
    mingusUserId: subject?.mingusUserId ?? userIdIn(received.object),
    email: HAS_STORED_ADDRESS.has(outcome) ? null : addressIn(received.object),
    customerId,
    reconciliationId: received.imported?.reconciliationId ?? null,
    notify: received.imported?.notify ?? true,
    body: outcome === 'ignored' ? null : received.body,
    receivedAt: received.receivedAt,
    firstDecidedAt: outcome === 'fetching' ? null : decidedAt,
    decidedAt,
  };
}

/** The received event behind a stored row; null if its body is not kept. */
export function toReceivedEvent(row: WebhookEvent): ReceivedEvent | null {
  const { body, receivedAt, reconciliationId, notify } = row;
  const received = body === null ? null : parseReceivedEvent(Buffer.from(body), receivedAt);
  return received && { ...received, imported: reconciliationId ? { reconciliationId, notify } : null };
}

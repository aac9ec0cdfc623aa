import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { nextRetryAt } from './waiting/pending-schedule.js';
import type { WebhookEvent } from './webhook-event.entity.js';

/** A transaction that was under way when another one committed has ended by then. */
const OVERLAP_MS = 60_000;

/** By then what Stripe answers is newer for certain than any state of now, also if that one was fetched. */
const REFRESH_DELAY_MS = 3000;

type Event = Pick<WebhookEvent, 'stripeEventId'>;
type DecidedEvent = Pick<WebhookEvent, 'stripeEventId' | 'decidedAt'>;

/** The object of a thin event is asked for. */
export function fetchObject({ stripeEventId }: Event, unit: UnitOfWork): void {
  unit.enqueue('fetch-stripe-object', { stripeEventId }, { key: `fetch:${stripeEventId}` });
}

/** The user of a pending event is looked for again, for three days. */
export function retryWhileUserIsMissing(
  { mingusUserId, receivedAt }: WebhookEvent,
  now: Date,
  unit: UnitOfWork,
): void {
  const userId = mingusUserId as string;
  const runAt = nextRetryAt(receivedAt, now);
  if (runAt) unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
}

/** What waits for a user, about the customer of this event, follows now that one is stored. */
export function decideWaiting({ stripeEventId }: Event, unit: UnitOfWork): void {
  unit.enqueue('decide-waiting-events', { stripeEventId }, { key: `waiting:${stripeEventId}` });
}

/** The same for an event that found no customer: its creation may have been under way. */
export function decideWaitingAfterOverlap(
  { stripeEventId, decidedAt }: DecidedEvent,
  unit: UnitOfWork,
): void {
  const runAt = afterOverlap(decidedAt);
  unit.enqueue('decide-waiting-events', { stripeEventId }, { runAt, key: `waiting:${stripeEventId}` });
}

/** Stripe is asked which of two states is the newer one. */
export function refreshLater(
  { stripeEventId }: Event,
  { customerId }: { customerId: string | null },
  unit: UnitOfWork,
): void {
  const runAt = new Date(Date.now() + REFRESH_DELAY_MS);
  unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `refresh:${customerId}` });
}

/**
 * A creation may be under way: it does not see this deletion, nor was the deletion decided with the customer
 * in sight. Once it must have ended, the customer is looked for again.
 */
export function refreshAfterOverlap({ stripeEventId, decidedAt }: DecidedEvent, unit: UnitOfWork): void {
  const runAt = afterOverlap(decidedAt);
  unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `deletion:${stripeEventId}` });
}

function afterOverlap(decidedAt: Date): Date {
  return new Date(decidedAt.getTime() + OVERLAP_MS);
}

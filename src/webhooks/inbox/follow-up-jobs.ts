import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { nextRetryAt } from './pending-schedule.js';
import type { WebhookEvent } from './webhook-event.entity.js';

/** After this time, all transactions that ran when another one committed have ended. */
const OVERLAP_MS = 60_000;

/**
 * After this time, an answer of Stripe is certainly newer than the present state, also if that was fetched.
 */
const REFRESH_DELAY_MS = 3000;

type Event = Pick<WebhookEvent, 'stripeEventId'>;
type DecidedEvent = Pick<WebhookEvent, 'stripeEventId' | 'decidedAt'>;

/** Fetches the object of a thin event. */
export function fetchObject({ stripeEventId }: Event, unit: UnitOfWork): void {
  unit.enqueue('fetch-stripe-object', { stripeEventId }, { key: `fetch:${stripeEventId}` });
}

/** Looks for the user of a pending event again, for three days. */
export function retryWhileUserIsMissing(
  { mingusUserId, receivedAt }: WebhookEvent,
  now: Date,
  unit: UnitOfWork,
): void {
  const userId = mingusUserId as string;
  const runAt = nextRetryAt(receivedAt, now);
  if (runAt) unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
}

/** Decides about the waiting events of the customer that this event stored. */
export function decideWaiting({ stripeEventId }: Event, unit: UnitOfWork): void {
  unit.enqueue('decide-waiting-events', { stripeEventId }, { key: `waiting:${stripeEventId}` });
}

/**
 * The same for an event that found no customer, because another transaction may be creating that customer.
 */
export function decideWaitingAfterOverlap(
  { stripeEventId, decidedAt }: DecidedEvent,
  unit: UnitOfWork,
): void {
  const runAt = afterOverlap(decidedAt);
  unit.enqueue('decide-waiting-events', { stripeEventId }, { runAt, key: `waiting:${stripeEventId}` });
}

/** Fetches the object again: its events do not show which of two states is newer, or leave out a part of it. */
export function refreshLater({ stripeEventId }: Event, objectId: string | null, unit: UnitOfWork): void {
  const runAt = new Date(Date.now() + REFRESH_DELAY_MS);
  unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `refresh:${objectId}` });
}

/**
 * Another transaction may be creating the customer at the same time, and neither transaction sees the other.
 * The customer is looked up again after all such transactions have ended.
 */
export function refreshAfterOverlap({ stripeEventId, decidedAt }: DecidedEvent, unit: UnitOfWork): void {
  const runAt = afterOverlap(decidedAt);
  unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `deletion:${stripeEventId}` });
}

function afterOverlap(decidedAt: Date): Date {
  return new Date(decidedAt.getTime() + OVERLAP_MS);
}

/** The possible decisions about an event. */
export const EVENT_OUTCOMES = [
  'created',
  'updated',
  'deleted',
  'duplicate',
  'stale',
  'rejected',
  'unmatched',
  'pending_user',
  'pending_customer',
  'fetching',
  'ignored',
] as const;

export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

/** Outcomes that are decided again later; all others are final. */
export const OPEN_OUTCOMES: readonly EventOutcome[] = ['pending_user', 'pending_customer', 'fetching'];

/** Outcomes of events that wait for a user and can be linked to one. */
export const LINKABLE_OUTCOMES: readonly EventOutcome[] = ['unmatched', 'pending_user'];

/** Outcomes of events that are decided again when their customer is set up. */
export const WAITING_OUTCOMES: readonly EventOutcome[] = [...LINKABLE_OUTCOMES, 'pending_customer'];

/** Why an event is not `created`: a stable code and a message without personal data. */
export interface Refusal {
  code: string;
  message: string;
}

/** The body of a 2xx answer to Stripe, with the field names the product prescribes. */
export type WebhookAnswer =
  | { success: true; message: string; changes: string[]; notifications_sent: number }
  | { success: false; error: string };

/** The messages for events without a refusal: for the first delivery and for later ones. */
const MESSAGES: Partial<Record<EventOutcome, { first: string; again: string }>> = {
  created: {
    first: 'Customer created successfully with comprehensive setup',
    again: 'Event already processed: nothing to do',
  },
  updated: { first: 'Customer updated', again: 'Event already processed: nothing to do' },
  deleted: {
    first: 'Customer marked as deleted and its access revoked',
    again: 'Event already processed: nothing to do',
  },
  duplicate: sameBothTimes('Customer already exists: nothing to do'),
  stale: sameBothTimes('Newer state of the customer is known: nothing to do'),
  fetching: sameBothTimes('Event accepted: its object is being fetched from Stripe'),
  ignored: sameBothTimes('Event type not handled'),
};

/** The answer to an event right after its decision. */
export function answerDecided(
  outcome: EventOutcome,
  refusal: Refusal | null,
  changes: string[],
  notificationsSent: number,
): WebhookAnswer {
  const message = MESSAGES[outcome]?.first;
  if (!message) return refused(refusal);
  return { success: true, message, changes, notifications_sent: notificationsSent };
}

/** The answer to an event that was decided before. It is the same each time. */
export function answerRedelivered(outcome: EventOutcome, refusal: Refusal | null): WebhookAnswer {
  const message = MESSAGES[outcome]?.again;
  if (!message) return refused(refusal);
  return { success: true, message, changes: [], notifications_sent: 0 };
}

function refused(refusal: Refusal | null): WebhookAnswer {
  return { success: false, error: refusal?.message ?? 'Event not accepted' };
}

function sameBothTimes(message: string) {
  return { first: message, again: message };
}

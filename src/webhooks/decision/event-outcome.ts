/** What was decided about an event. All but `pending_user` are final. */
export type EventOutcome = 'created' | 'duplicate' | 'rejected' | 'unmatched' | 'pending_user' | 'ignored';

export const EVENT_OUTCOMES: readonly EventOutcome[] = [
  'created',
  'duplicate',
  'rejected',
  'unmatched',
  'pending_user',
  'ignored',
];

/** Why an event is not `created`: a stable code and a text without personal data. */
export interface Refusal {
  code: string;
  message: string;
}

/** The body of a 2xx answer to Stripe, with the field names the product prescribes. */
export type WebhookAnswer =
  | { success: true; message: string; changes: string[]; notifications_sent: number }
  | { success: false; error: string };

export function answerCreated(changes: string[], notificationsSent: number): WebhookAnswer {
  return {
    success: true,
    message: 'Customer created successfully with comprehensive setup',
    changes,
    notifications_sent: notificationsSent,
  };
}

/** The answer to an event that changed nothing; the same each time it is delivered. */
export function answerUnchanged(
  outcome: Exclude<EventOutcome, 'created'>,
  refusal: Refusal | null,
): WebhookAnswer {
  if (outcome === 'duplicate') return unchanged('Customer already exists: nothing to do');
  if (outcome === 'ignored') return unchanged('Event type not handled');
  return { success: false, error: refusal?.message ?? 'Event not accepted' };
}

/** The answer to an event whose id has been decided before. */
export function answerRedelivered(outcome: EventOutcome, refusal: Refusal | null): WebhookAnswer {
  if (outcome === 'created') return unchanged('Event already processed: nothing to do');
  return answerUnchanged(outcome, refusal);
}

function unchanged(message: string): WebhookAnswer {
  return { success: true, message, changes: [], notifications_sent: 0 };
}

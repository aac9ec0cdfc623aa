import type { NamedSubject, StripeEventHandler, Subject } from './stripe-event-handler.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { customerNamedBy } from '../stripe/stripe-customer.js';
import { OPEN_OUTCOMES, type Refusal } from '../stripe/event-outcome.js';
import { customerKey, type KnownState, type SeenEvent } from './known-state.js';
import { type Verdict, verdict } from './verdict.js';

/** An event; if its type is handled, its object is validated and translated. */
export interface InterpretedEvent {
  received: ReceivedEvent;
  /** Null: the type is not handled. */
  handler: StripeEventHandler | null;
  /** Null: the type is not handled, or the object is refused. */
  subject: Subject | null;
  /** The customer that the event is about, also if its object is refused. */
  named: Pick<NamedSubject, 'stripeCustomerId' | 'livemode'> | null;
  /** Why the object is refused. */
  refusal: Refusal | null;
}

export type Decision =
  | Verdict
  /** The event has a final outcome already: nothing is written, and the first answer is repeated. */
  | { outcome: 'redelivered'; first: SeenEvent };

export function interpretEvent(
  received: ReceivedEvent,
  handler: StripeEventHandler | null,
): InterpretedEvent {
  const interpretation = handler?.interpret(received);
  if (!interpretation) return { received, handler, subject: null, named: null, refusal: null };
  const id = interpretation.valid ? interpretation.stripeCustomerId : customerNamedBy(received.object);
  const named = id === null ? null : { stripeCustomerId: id, livemode: received.livemode === true };
  if (interpretation.valid) return { received, handler, subject: interpretation, named, refusal: null };
  const { code, message } = interpretation;
  return { received, handler, subject: null, named, refusal: { code, message } };
}

/** A copy of the event whose object names this user. */
export function ofUser(event: InterpretedEvent, mingusUserId: string): InterpretedEvent {
  return event.subject ? { ...event, subject: { ...event.subject, mingusUserId } } : event;
}

/**
 * Replaces the user id of the metadata with the stored id of that user, so that each user has one spelling.
 */
export function withStoredUserId(event: InterpretedEvent, { userIds }: KnownState): InterpretedEvent {
  const stored = userIds.get(event.subject?.mingusUserId ?? '');
  return stored === undefined ? event : ofUser(event, stored);
}

/**
 * Decides about one event. A pure function.
 * @param expectedLivemode refuse events of the other mode, when set
 */
export function decideOutcome(
  { received, handler, subject, named, refusal }: InterpretedEvent,
  known: KnownState,
  expectedLivemode?: boolean,
): Decision {
  const seen = known.events.get(received.stripeEventId);
  if (seen && !OPEN_OUTCOMES.includes(seen.outcome)) return { outcome: 'redelivered', first: seen };
  if (!handler) return verdict('ignored');
  if (expectedLivemode !== undefined && received.livemode !== expectedLivemode) {
    const message = 'Event livemode does not match this service';
    return verdict('rejected', { refusal: { code: 'livemode_mismatch', message } });
  }
  if (named && known.erasures.has(customerKey(named))) return verdict('rejected', { refusal: PERSON_ERASED });
  if (!subject) return verdict('rejected', { refusal });
  return handler.decide(subject, seen ? { ...received, imported: seen.imported } : received, known);
}

/** The person was erased before the customer was set up: only this code is stored. */
export const PERSON_ERASED: Refusal = { code: 'person_erased', message: 'The person was erased' };

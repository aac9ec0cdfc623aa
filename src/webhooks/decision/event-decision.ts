import type { NamedSubject, StripeEventHandler, Subject } from '../handlers/stripe-event-handler.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { customerIdOf } from './stripe-customer.js';
import { OPEN_OUTCOMES, type Refusal } from './event-outcome.js';
import { customerKey, type KnownState, type SeenEvent } from './known-state.js';
import { type Verdict, verdict } from './verdict.js';

/** An event with its object validated and translated, where its type is one we handle. */
export interface InterpretedEvent {
  received: ReceivedEvent;
  /** Null: the type is not handled. */
  handler: StripeEventHandler | null;
  /** Null: the type is not handled, or the object refused. */
  subject: Subject | null;
  /** The customer it is about, also where its object is refused. */
  named: Pick<NamedSubject, 'stripeCustomerId' | 'livemode'> | null;
  /** Why the object is refused. */
  refusal: Refusal | null;
}

export type Decision =
  | Verdict
  /** Its id has a final outcome already: nothing is written, the first answer is repeated. */
  | { outcome: 'redelivered'; first: SeenEvent };

export function interpretEvent(
  received: ReceivedEvent,
  handler: StripeEventHandler | null,
): InterpretedEvent {
  const interpretation = handler?.interpret(received);
  if (!interpretation) return { received, handler, subject: null, named: null, refusal: null };
  const id = interpretation.valid ? interpretation.stripeCustomerId : customerIdOf(received.object);
  const named = id === null ? null : { stripeCustomerId: id, livemode: received.livemode === true };
  if (interpretation.valid) return { received, handler, subject: interpretation, named, refusal: null };
  const { code, message } = interpretation;
  return { received, handler, subject: null, named, refusal: { code, message } };
}

/** The event as if its object named this user. */
export function ofUser(event: InterpretedEvent, mingusUserId: string): InterpretedEvent {
  return event.subject ? { ...event, subject: { ...event.subject, mingusUserId } } : event;
}

/**
 * Decides about one event. Pure: everything it depends on is passed in.
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

/** Of somebody who was forgotten before there was a customer nothing is stored but that. */
export const PERSON_ERASED: Refusal = { code: 'person_erased', message: 'The person was erased' };

import type { DomainEvent } from '../../events/domain-event.js';
import type { EventImport, MingusUser } from '../../events/stripe-customer.js';
import type { NamedSubject, StripeEventHandler, Subject } from '../handlers/stripe-event-handler.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import type { StoredCustomer } from './customer-difference.js';
import { customerIdOf } from './stripe-customer.js';
import { type EventOutcome, OPEN_OUTCOMES, type Refusal } from './event-outcome.js';

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

/** What the database knows about a batch of events. */
export interface KnownState {
  events: ReadonlyMap<string, SeenEvent>;
  /** By {@link customerKey}. */
  customers: ReadonlyMap<string, KnownCustomer>;
  /** Customers that are not stored, but of whose deletion an event without an address has told; by {@link customerKey}. */
  deletions: ReadonlySet<string>;
  /** Customers that are not stored, of whom somebody was erased; by {@link customerKey}. */
  erasures: ReadonlySet<string>;
  /** Customers about whom other events than these wait for a user; by {@link customerKey}. */
  waiting: ReadonlySet<string>;
  users: ReadonlyMap<string, MingusUser>;
  /** Notification kinds each user has had, by user id. */
  notifiedKinds: ReadonlyMap<string, readonly string[]>;
}

/** An event decided before. */
export interface SeenEvent {
  outcome: EventOutcome;
  refusal: Refusal | null;
  customerId: string | null;
  /** Null when Stripe delivered it. */
  imported: EventImport | null;
}

/** A customer stored before. */
export interface KnownCustomer {
  id: string;
  /** Null while an operator has unlinked it. */
  userId: string | null;
  /** What is stored of Stripe's object. */
  stored: StoredCustomer;
  /** Which state of Stripe's object is stored: when the event about it was made. */
  stateAt: Date;
  /** The type of that event, or `api` when the state was fetched. */
  stateToldBy: string;
  isDeleted: boolean;
  /** Nothing that tells of the person is stored any more. */
  isErased: boolean;
  lifecycleStage: string;
}

/** What a handler decides about an event. */
export interface Verdict {
  outcome: EventOutcome;
  /** Why nothing came of the event. */
  refusal: Refusal | null;
  /** The customer it is about, where that is in the database, now or with this event. */
  customerId: string | null;
  /** What happened: listeners add what that means to the event's unit of work. */
  facts: readonly DomainEvent[];
  /** Whether nobody but Stripe can tell if the state that is stored then is its newest one. */
  needsRefresh: boolean;
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

export function customerKey(customer: Pick<Subject, 'livemode' | 'stripeCustomerId'>): string {
  return `${customer.livemode ? 'live' : 'test'}:${customer.stripeCustomerId}`;
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

/** A verdict, with what it has beyond its outcome. */
export function verdict(outcome: EventOutcome, details: Partial<Omit<Verdict, 'outcome'>> = {}): Verdict {
  return { outcome, refusal: null, customerId: null, facts: [], needsRefresh: false, ...details };
}

import type { DomainEvent } from '../../events/domain-event.js';
import type { EventOutcome, Refusal } from './event-outcome.js';

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

/** A verdict, with what it has beyond its outcome. */
export function verdict(outcome: EventOutcome, details: Partial<Omit<Verdict, 'outcome'>> = {}): Verdict {
  return { outcome, refusal: null, customerId: null, facts: [], needsRefresh: false, ...details };
}

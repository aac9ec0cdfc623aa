import type { DomainEvent } from '../../events/domain-event.js';
import type { EventOutcome, Refusal } from '../stripe/event-outcome.js';

/** What a handler decides about an event. */
export interface Verdict {
  outcome: EventOutcome;
  /** Why the event has no effect. */
  refusal: Refusal | null;
  /** The stored customer, which may be stored by this event; null if there is none. */
  customerId: string | null;
  /** The facts that follow. Their listeners add rows and jobs to the unit of work of the event. */
  facts: readonly DomainEvent[];
  /** Whether the object must be fetched: the stored state may not be the newest one, or the event leaves out a part. */
  needsRefresh: boolean;
}

/** Makes a verdict from an outcome and optional details. */
export function verdict(outcome: EventOutcome, details: Partial<Omit<Verdict, 'outcome'>> = {}): Verdict {
  return { outcome, refusal: null, customerId: null, facts: [], needsRefresh: false, ...details };
}

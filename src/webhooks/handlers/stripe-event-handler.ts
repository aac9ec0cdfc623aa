import { DiscoveryService } from '@nestjs/core';
import type { Refusal } from '../decision/event-outcome.js';
import type { KnownState } from '../decision/known-state.js';
import type { Verdict } from '../decision/verdict.js';
import type { ReceivedEvent } from '../intake/received-event.js';

/** What an event is about, as far as others must know: what is read for it, and what it may not overtake. */
export interface Subject {
  /** Null while the event does not tell: Stripe must be asked what it is about. */
  stripeCustomerId: string | null;
  livemode: boolean;
  /** Null when the object names nobody. */
  mingusUserId: string | null;
}

/** A subject of which it is known which customer it is. */
export interface NamedSubject extends Subject {
  stripeCustomerId: string;
}

export type Interpretation<S extends Subject = Subject> =
  ({ valid: true } & S) | ({ valid: false } & Refusal);

/**
 * Handles one or more types of Stripe events. Both methods are pure: what they need is passed in, and what
 * they decide is carried out by the listeners of the facts they return.
 */
export interface StripeEventHandler<S extends Subject = Subject> {
  /** Validates the event's object and translates it from Stripe's shape. */
  interpret(event: ReceivedEvent): Interpretation<S>;
  /** Decides about an event that was not decided before. */
  decide(subject: S, event: ReceivedEvent, known: KnownState): Verdict;
}

/** Marks the one provider that handles events of these types: `@HandlesStripeEvents('customer.updated')`. */
export const HandlesStripeEvents = DiscoveryService.createDecorator<string | string[]>();

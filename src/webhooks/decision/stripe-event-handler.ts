import { DiscoveryService } from '@nestjs/core';
import type { Refusal } from '../stripe/event-outcome.js';
import type { KnownState } from './known-state.js';
import type { Verdict } from './verdict.js';
import type { ReceivedEvent } from '../stripe/received-event.js';

/**
 * The customer and the user that an event is about. They determine what is read for the event, and which
 * earlier events it waits for.
 */
export interface Subject {
  /** Null if the event does not name the customer: the object must be fetched from Stripe. */
  stripeCustomerId: string | null;
  livemode: boolean;
  /** Null if the object names no user. */
  mingusUserId: string | null;
  /**
   * Stripe's id of the subscription, invoice, … that the event is about; absent if the event is about the
   * customer itself.
   */
  billingObjectId?: string;
}

/** A subject whose customer is known. */
export interface NamedSubject extends Subject {
  stripeCustomerId: string;
}

export type Interpretation<S extends Subject = Subject> =
  ({ valid: true } & S) | ({ valid: false } & Refusal);

/**
 * Handles one or more types of Stripe events. Both methods are pure. Listeners of the returned facts carry
 * the decision out.
 */
export interface StripeEventHandler<S extends Subject = Subject> {
  /** Validates the event's object and translates it from Stripe's shape. */
  interpret(event: ReceivedEvent): Interpretation<S>;
  /** Decides about an event that was not decided before. */
  decide(subject: S, event: ReceivedEvent, known: KnownState): Verdict;
}

/** Marks the one provider that handles events of these types: `@HandlesStripeEvents('customer.updated')`. */
export const HandlesStripeEvents = DiscoveryService.createDecorator<string | string[]>();

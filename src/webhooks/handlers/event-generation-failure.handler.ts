import { Injectable } from '@nestjs/common';
import type { KnownState } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type StripeEventHandler,
  type Subject,
} from './stripe-event-handler.js';
import { ThinCustomerHandler, type ThinSubject } from './thin-customer.handler.js';

/** Null where the event is not (known to be) about a customer. */
interface FailureSubject extends Subject {
  customer: ThinSubject | null;
}

/**
 * Stripe failed to generate an event, which is in no list and never comes. What it would have been about is
 * told on request only: a job asks, and a customer is then decided like that of any thin event. There is no
 * event of a failure that is not resolved yet.
 * https://docs.stripe.com/webhooks/handle-irrecoverable-events
 */
@Injectable()
@HandlesStripeEvents('v2.core.health.event_generation_failure.resolved')
export class EventGenerationFailureHandler implements StripeEventHandler<FailureSubject> {
  constructor(private readonly thin: ThinCustomerHandler) {}

  interpret(event: ReceivedEvent): Interpretation<FailureSubject> {
    const livemode = event.livemode === true;
    if (event.object === null && !event.relatedObject)
      return { valid: false, code: 'event_not_found', message: 'Event not found in Stripe' };
    if (event.relatedObject?.type !== 'customer')
      return { valid: true, stripeCustomerId: null, livemode, mingusUserId: null, customer: null };
    const interpretation = this.thin.interpret(event);
    return interpretation.valid ? { ...interpretation, customer: interpretation } : interpretation;
  }

  decide({ customer }: FailureSubject, event: ReceivedEvent, known: KnownState): Verdict {
    if (customer) return this.thin.decide(customer, event, known);
    return event.relatedObject ? verdict('ignored', { refusal: NOT_OURS }) : verdict('fetching');
  }
}

const NOT_OURS = { code: 'not_a_customer', message: 'The event that was not generated is about no customer' };

import { Injectable } from '@nestjs/common';
import type { KnownState } from '../known-state.js';
import { type Verdict, verdict } from '../verdict.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type StripeEventHandler,
  type Subject,
} from '../stripe-event-handler.js';
import { DisputeHandler } from './billing/dispute.handler.js';
import { InvoiceHandler } from './billing/invoice.handler.js';
import { SubscriptionHandler } from './billing/subscription.handler.js';
import { ThinCustomerHandler } from './thin-customer.handler.js';

/** Null if the event is about an object of another kind, or if its object is not known yet. */
interface FailureSubject extends Subject {
  of: { handler: StripeEventHandler<Subject>; subject: Subject } | null;
}

/**
 * Handles the report that Stripe failed to generate an event. That event is in no list and never arrives. A
 * job asks Stripe for the object of the missing event, which is then handled like that of a thin event.
 * Stripe sends no report about a failure that is not resolved yet.
 * https://docs.stripe.com/webhooks/handle-irrecoverable-events
 */
@Injectable()
@HandlesStripeEvents('v2.core.health.event_generation_failure.resolved')
export class EventGenerationFailureHandler implements StripeEventHandler<FailureSubject> {
  private readonly handlers: ReadonlyMap<string, StripeEventHandler<Subject>>;

  constructor(
    customers: ThinCustomerHandler,
    subscriptions: SubscriptionHandler,
    invoices: InvoiceHandler,
    disputes: DisputeHandler,
  ) {
    const handlers = {
      customer: customers,
      subscription: subscriptions,
      invoice: invoices,
      dispute: disputes,
    };
    this.handlers = new Map(Object.entries(handlers)) as unknown as typeof this.handlers;
  }

  interpret(event: ReceivedEvent): Interpretation<FailureSubject> {
    const livemode = event.livemode === true;
    if (event.object === null && !event.relatedObject)
      return { valid: false, code: 'event_not_found', message: 'Event not found in Stripe' };
    const handler = this.handlers.get(event.relatedObject?.type ?? '');
    if (!handler) return { valid: true, stripeCustomerId: null, livemode, mingusUserId: null, of: null };
    const subject = handler.interpret(event);
    return subject.valid ? { ...subject, of: { handler, subject } } : subject;
  }

  decide({ of }: FailureSubject, event: ReceivedEvent, known: KnownState): Verdict {
    if (of) return of.handler.decide(of.subject, event, known);
    return event.relatedObject ? verdict('ignored', { refusal: NOT_OURS }) : verdict('fetching');
  }
}

const NOT_OURS = {
  code: 'not_a_customer',
  message: 'The event that was not generated is about no customer, subscription, invoice or dispute',
};

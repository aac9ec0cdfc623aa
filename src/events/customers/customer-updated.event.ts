import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin, StripeCustomer } from '../stripe-customer.js';

/** Stripe changed a customer that we know. */
export class CustomerUpdated implements DomainEvent {
  static readonly eventName = 'customer.updated';
  readonly eventName = CustomerUpdated.eventName;

  constructor(
    readonly customerId: string,
    /** As it is in Stripe now. */
    readonly customer: Readonly<StripeCustomer>,
    /** What was known before. */
    readonly before: Readonly<{ email: string; stateAt: string }>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

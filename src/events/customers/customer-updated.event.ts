import type { DomainEvent } from '../domain-event.js';
import type { Changes, EventOrigin, StripeCustomer } from '../stripe-customer.js';

/** Stripe changed a customer that we know. */
export class CustomerUpdated implements DomainEvent {
  static readonly eventName = 'customer.updated';
  readonly eventName = CustomerUpdated.eventName;

  constructor(
    readonly customerId: string,
    /** As it is in Stripe now. */
    readonly customer: Readonly<StripeCustomer>,
    /** As of when what was known before is. */
    readonly before: Readonly<{ stateAt: string }>,
    /** What was different then. */
    readonly changes: Readonly<Changes>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

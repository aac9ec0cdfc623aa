import type { DomainEvent } from '../domain-event.js';
import type { Changes, EventOrigin, StripeCustomer } from '../stripe-customer.js';

/** A known customer was changed in Stripe. */
export class CustomerUpdated implements DomainEvent {
  static readonly eventName = 'customer.updated';
  readonly eventName = CustomerUpdated.eventName;

  constructor(
    readonly customerId: string,
    /** The customer as it is in Stripe now. */
    readonly customer: Readonly<StripeCustomer>,
    /** The time of the state that was stored before. */
    readonly before: Readonly<{ stateAt: string }>,
    /** The fields that changed, with the values before and after. */
    readonly changes: Readonly<Changes>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

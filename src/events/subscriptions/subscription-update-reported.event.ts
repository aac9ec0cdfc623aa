import type { BilledCustomer } from '../billing-standing.js';
import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';
import type { StripeSubscription } from '../stripe-subscription.js';

/** An event shows both states of a subscription whose price may have changed. A newer state may be stored already. */
export class SubscriptionUpdateReported implements DomainEvent {
  static readonly eventName = 'subscription.update_reported';
  readonly eventName = SubscriptionUpdateReported.eventName;

  constructor(
    readonly customer: Readonly<BilledCustomer>,
    readonly before: Readonly<StripeSubscription>,
    readonly after: Readonly<StripeSubscription>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

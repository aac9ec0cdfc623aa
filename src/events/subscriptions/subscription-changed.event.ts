import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';
import type { BilledCustomer, StandingChange } from '../billing-standing.js';
import type { StripeSubscription } from '../stripe-subscription.js';

/** A subscription has a newer state, or is new. */
export class SubscriptionChanged implements DomainEvent {
  static readonly eventName = 'subscription.changed';
  readonly eventName = SubscriptionChanged.eventName;

  constructor(
    readonly customer: Readonly<BilledCustomer>,
    readonly subscription: Readonly<StripeSubscription>,
    /** Null for a subscription that was not known. */
    readonly previous: Readonly<{ status: string; stateAt: string }> | null,
    readonly standing: Readonly<StandingChange>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }

  /** When it changed, by Stripe's time (ISO 8601). A subscription found in a list has changed when it started. */
  get occurredAt(): string {
    const { subscription, previous, origin } = this;
    if (subscription.endedAt !== null) return subscription.endedAt;
    const isListed = origin.type.startsWith('mingus.');
    if (isListed && previous === null && subscription.startedAt !== null) return subscription.startedAt;
    return origin.stripeCreatedAt ?? origin.receivedAt;
  }
}

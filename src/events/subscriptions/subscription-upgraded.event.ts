import type { DomainEvent } from '../domain-event.js';

/** A subscription costs more than before. */
export class SubscriptionUpgraded implements DomainEvent {
  static readonly eventName = 'subscription.upgraded';
  readonly eventName = SubscriptionUpgraded.eventName;

  constructor(
    readonly customerId: string,
    /** When the price rose, by Stripe's time (ISO 8601); not later than an event showed it. */
    readonly occurredAt: string,
  ) {
    Object.freeze(this);
  }
}

import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin, MingusUser, StripeCustomer } from '../stripe-customer.js';

/** A Stripe customer became a MINGUS customer. Listeners add their rows to the event's unit of work. */
export class CustomerCreated implements DomainEvent {
  static readonly eventName = 'customer.created';
  readonly eventName = CustomerCreated.eventName;

  constructor(
    /** Our id of the new customer (UUID v7). */
    readonly customerId: string,
    readonly customer: Readonly<StripeCustomer>,
    readonly user: Readonly<MingusUser>,
    readonly origin: Readonly<EventOrigin>,
    /** Notifications that this user has already had, as `<kind>/<channel>`. A user gets each of them once. */
    readonly notifiedKinds: readonly string[],
  ) {
    Object.freeze(this);
  }

  /** When Stripe created the customer (ISO 8601); the time of receipt if Stripe gives no time. */
  get occurredAt(): string {
    return this.customer.stripeCreatedAt ?? this.origin.stripeCreatedAt ?? this.origin.receivedAt;
  }
}

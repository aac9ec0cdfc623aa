import type { DomainEvent } from '../domain-event.js';
import type { LastStanding } from '../billing-standing.js';
import type { EventOrigin } from '../stripe-customer.js';

/** A customer was deleted in Stripe. Stripe never reuses the id. The rows stay as a tombstone. */
export class CustomerDeleted implements DomainEvent {
  static readonly eventName = 'customer.deleted';
  readonly eventName = CustomerDeleted.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** Null while the customer is unlinked. */
    readonly userId: string | null,
    /** Its stage and its revenue so far. */
    readonly last: Readonly<LastStanding>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }

  /** When Stripe deleted it (ISO 8601); the time of receipt if Stripe gives no time. */
  get occurredAt(): string {
    return this.origin.stripeCreatedAt ?? this.origin.receivedAt;
  }
}

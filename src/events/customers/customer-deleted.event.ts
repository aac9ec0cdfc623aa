import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';

/** A customer was deleted in Stripe, for ever: its id is never used again. The rows stay as a tombstone. */
export class CustomerDeleted implements DomainEvent {
  static readonly eventName = 'customer.deleted';
  readonly eventName = CustomerDeleted.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** Null while it is unlinked. */
    readonly userId: string | null,
    /** The stage of its lifecycle so far. */
    readonly lifecycleStage: string,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

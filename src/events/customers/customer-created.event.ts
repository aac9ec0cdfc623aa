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
    /** What this user has been told before, as `<kind>/<channel>`: each once per user, for ever. */
    readonly notifiedKinds: readonly string[],
  ) {
    Object.freeze(this);
  }
}

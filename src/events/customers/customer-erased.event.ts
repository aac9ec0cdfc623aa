import type { DomainEvent } from '../domain-event.js';
import type { LastStanding } from '../billing-standing.js';

/**
 * A person is being erased. Each listener removes what its module stores about them. The customer's ids stay
 * as a tombstone, so that late events are recognised.
 */
export class CustomerErased implements DomainEvent {
  static readonly eventName = 'customer.erased';
  readonly eventName = CustomerErased.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userId: string | null,
    /** All known mail addresses of the person. */
    readonly addresses: readonly string[],
    /** Its stage and its revenue so far. */
    readonly last: Readonly<LastStanding>,
  ) {
    Object.freeze(this);
  }
}

import type { DomainEvent } from '../domain-event.js';

/**
 * A person is to be forgotten. Listeners remove what their module knows of them; ids of the customer stay, so
 * that what comes late finds a tombstone.
 */
export class CustomerErased implements DomainEvent {
  static readonly eventName = 'customer.erased';
  readonly eventName = CustomerErased.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userId: string | null,
    /** All mail addresses that are known of the person. */
    readonly addresses: readonly string[],
    /** The stage of its lifecycle so far. */
    readonly lifecycleStage: string,
  ) {
    Object.freeze(this);
  }
}

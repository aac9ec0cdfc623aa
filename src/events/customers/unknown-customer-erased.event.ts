import type { DomainEvent } from '../domain-event.js';

/** A person with stored events only is being erased: the events named no user, or were rejected. */
export class UnknownCustomerErased implements DomainEvent {
  static readonly eventName = 'unknown_customer.erased';
  readonly eventName = UnknownCustomerErased.eventName;

  constructor(readonly stripeCustomerId: string) {
    Object.freeze(this);
  }
}

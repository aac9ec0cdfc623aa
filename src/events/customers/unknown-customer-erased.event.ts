import type { DomainEvent } from '../domain-event.js';

/** A person is to be forgotten of whom only events are stored: they named no user, or were refused. */
export class UnknownCustomerErased implements DomainEvent {
  static readonly eventName = 'unknown_customer.erased';
  readonly eventName = UnknownCustomerErased.eventName;

  constructor(readonly stripeCustomerId: string) {
    Object.freeze(this);
  }
}

import type { DomainEvent } from '../domain-event.js';
import type { MingusUser } from '../stripe-customer.js';

/** What a user and a customer have been told before they are linked. */
export interface Notified {
  /** `kind/channel` of notifications that the user has had. */
  kinds: readonly string[];
  /** Notifications that have been sent to the customer's address, at most one of each `kind/channel`. */
  sent: readonly Readonly<{ notificationId: string; kind: string }>[];
}

/** An operator linked a customer to a user: one that belonged to nobody, or to somebody else. */
export class CustomerLinked implements DomainEvent {
  static readonly eventName = 'customer.linked';
  readonly eventName = CustomerLinked.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userIdBefore: string | null,
    readonly user: Readonly<MingusUser>,
    readonly notified: Readonly<Notified>,
  ) {
    Object.freeze(this);
  }
}

/** An operator took a customer from its user: it belongs to nobody until it is linked again. */
export class CustomerUnlinked implements DomainEvent {
  static readonly eventName = 'customer.unlinked';
  readonly eventName = CustomerUnlinked.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userIdBefore: string,
  ) {
    Object.freeze(this);
  }
}

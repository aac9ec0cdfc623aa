import type { DomainEvent } from '../domain-event.js';
import type { AssignedArm } from '../assigned-arm.js';
import type { MingusUser } from '../stripe-customer.js';

/** Notifications that a user and a customer have had before they are linked. */
export interface Notified {
  /** `kind/channel` of notifications that the user has had. */
  kinds: readonly string[];
  /** Notifications that were sent to the customer's address, at most one of each `kind/channel`. */
  sent: readonly Readonly<{ notificationId: string; kind: string }>[];
}

/** What is known of a user and a customer before they are linked. */
export interface LinkHistory {
  notified: Readonly<Notified>;
  /** Those of the user. A link assigns none. */
  arms: readonly AssignedArm[];
}

/** An operator linked a customer to a user. Before, the customer had no user or another one. */
export class CustomerLinked implements DomainEvent {
  static readonly eventName = 'customer.linked';
  readonly eventName = CustomerLinked.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly userIdBefore: string | null,
    readonly user: Readonly<MingusUser>,
    readonly history: Readonly<LinkHistory>,
  ) {
    Object.freeze(this);
  }
}

/** An operator unlinked a customer from its user. It has no user until it is linked again. */
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

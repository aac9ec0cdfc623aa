import type { DomainEvent } from '../domain-event.js';
import type { AssignedArm, Assignment } from '../assigned-arm.js';
import type { EventOrigin, MingusUser, StripeCustomer } from '../stripe-customer.js';

/** What is known of a user at the creation of a customer. */
export interface UserHistory {
  /** Notifications that this user has already had, as `<kind>/<channel>`. A user gets each of them once. */
  notifiedKinds: readonly string[];
  /** The arms of experiments, with those that the creation assigns. */
  assignment: Assignment;
}

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
    readonly history: Readonly<UserHistory>,
  ) {
    Object.freeze(this);
  }

  get notifiedKinds(): readonly string[] {
    return this.history.notifiedKinds;
  }

  /** The arms of the user in experiments. */
  get arms(): readonly AssignedArm[] {
    return this.history.assignment.arms;
  }

  /** The same creation with arms. */
  assigned(assignment: Assignment): CustomerCreated {
    const { customerId, customer, user, origin, notifiedKinds } = this;
    return new CustomerCreated(customerId, customer, user, origin, { notifiedKinds, assignment });
  }

  /** When Stripe created the customer (ISO 8601); the time of receipt if Stripe gives no time. */
  get occurredAt(): string {
    return this.customer.stripeCreatedAt ?? this.origin.stripeCreatedAt ?? this.origin.receivedAt;
  }
}

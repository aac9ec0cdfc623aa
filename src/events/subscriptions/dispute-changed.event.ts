import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';
import type { BilledCustomer, StandingChange } from '../billing-standing.js';
import type { StripeDispute } from '../stripe-dispute.js';

/** A dispute about a payment was opened or decided. */
export class DisputeChanged implements DomainEvent {
  static readonly eventName = 'dispute.changed';
  readonly eventName = DisputeChanged.eventName;

  constructor(
    readonly customer: Readonly<BilledCustomer>,
    readonly dispute: Readonly<StripeDispute>,
    /** Null for a dispute that was not known. */
    readonly previous: Readonly<{ status: string; stateAt: string }> | null,
    readonly standing: Readonly<StandingChange>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }

  /** When it changed, by Stripe's time (ISO 8601). */
  get occurredAt(): string {
    return this.origin.stripeCreatedAt ?? this.origin.receivedAt;
  }
}

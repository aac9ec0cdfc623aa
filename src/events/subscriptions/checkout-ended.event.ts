import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';

/** A customer completed a checkout, or let it expire. What was bought arrives with events of its own. */
export class CheckoutEnded implements DomainEvent {
  static readonly eventName = 'checkout.ended';
  readonly eventName = CheckoutEnded.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly session: Readonly<{
      stripeSessionId: string;
      status: 'completed' | 'expired';
      /** `payment`, `setup` or `subscription`. */
      mode: string | null;
      paymentStatus: string | null;
      currency: string | null;
      amountTotalMinor: number | null;
      stripeSubscriptionId: string | null;
    }>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

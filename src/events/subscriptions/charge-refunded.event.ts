import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';

/** A payment was given back to the customer, in whole or in part. */
export class ChargeRefunded implements DomainEvent {
  static readonly eventName = 'charge.refunded';
  readonly eventName = ChargeRefunded.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly charge: Readonly<{
      stripeChargeId: string;
      currency: string;
      amountMinor: number;
      /** All refunds of the charge together. */
      amountRefundedMinor: number;
    }>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }
}

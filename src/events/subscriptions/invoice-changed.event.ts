import type { DomainEvent } from '../domain-event.js';
import type { EventOrigin } from '../stripe-customer.js';
import type { BilledCustomer, StandingChange } from '../billing-standing.js';
import type { StripeInvoice } from '../stripe-invoice.js';

/** An invoice has a newer state: it was paid, its payment failed, or it was given up. */
export class InvoiceChanged implements DomainEvent {
  static readonly eventName = 'invoice.changed';
  readonly eventName = InvoiceChanged.eventName;

  constructor(
    readonly customer: Readonly<BilledCustomer>,
    readonly invoice: Readonly<StripeInvoice>,
    /** Null for an invoice that was not known. */
    readonly previous: Readonly<{ status: string; stateAt: string }> | null,
    readonly standing: Readonly<StandingChange>,
    readonly origin: Readonly<EventOrigin>,
  ) {
    Object.freeze(this);
  }

  /** When it changed, by Stripe's time (ISO 8601). */
  get occurredAt(): string {
    return this.invoice.paidAt ?? this.origin.stripeCreatedAt ?? this.origin.receivedAt;
  }
}

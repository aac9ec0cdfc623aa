export const INVOICE_STATUSES = ['draft', 'open', 'paid', 'uncollectible', 'void'] as const;

export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** A Stripe invoice as far as payments are concerned, translated from the shape of any API version. Times are ISO 8601. */
export interface StripeInvoice {
  stripeInvoiceId: string;
  /** Null for invoices without a subscription. */
  stripeSubscriptionId: string | null;
  status: InvoiceStatus;
  currency: string;
  /** In the minor unit of the currency. */
  amountDueMinor: number;
  amountPaidMinor: number;
  /** A payment was tried and failed or needs an action of the customer, and the invoice is not paid. */
  isPaymentFailed: boolean;
  /** When it was paid; null while it is not. */
  paidAt: string | null;
  stripeCreatedAt: string | null;
}

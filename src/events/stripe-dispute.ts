/** A dispute about a payment, translated from Stripe's shape. Times are ISO 8601. */
export interface StripeDispute {
  stripeDisputeId: string;
  stripeChargeId: string;
  /** Stripe's status: `needs_response`, `under_review`, `won`, `lost`, … */
  status: string;
  isOpen: boolean;
  reason: string | null;
  currency: string;
  amountMinor: number;
  stripeCreatedAt: string | null;
}

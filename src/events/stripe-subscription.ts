/** Every status that Stripe documents. https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
export const SUBSCRIPTION_STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'canceled',
  'unpaid',
  'paused',
] as const;

export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

export type BillingInterval = 'day' | 'week' | 'month' | 'year';

/** A part of a tiered price. Amounts are decimal texts in the minor unit of the currency. */
export interface PriceTier {
  /** The last unit of the tier; null of the last tier. */
  upTo: number | null;
  unitAmount: string;
  flatAmount: string;
}

/** What is subtracted from a subscription or from one of its items. */
export interface SubscriptionDiscount {
  discountId: string | null;
  /** Null where Stripe named the discount by its id only: how much it is, is then unknown. */
  duration: 'forever' | 'once' | 'repeating' | null;
  /** Decimal text, 0 to 100. */
  percentOff: string | null;
  /** Per billing period, in the minor unit of `currency`. */
  amountOff: string | null;
  currency: string | null;
}

/** What a subscription charges for, translated from a price or, in old API versions, from a plan. */
export interface SubscriptionItem {
  priceId: string | null;
  /** Lower case ISO code. */
  currency: string;
  /** Of one unit, as a decimal text in the minor unit of the currency; null of tiered prices. */
  unitAmount: string | null;
  quantity: number;
  interval: BillingInterval;
  intervalCount: number;
  /** Charged by usage, which is reported afterwards. */
  isMetered: boolean;
  /** Null where the price has none, or Stripe left them out. */
  tiers: readonly PriceTier[] | null;
  tiersMode: 'graduated' | 'volume' | null;
  /** The quantity is divided by this before it is priced, and rounded. */
  package: { size: number; round: 'up' | 'down' } | null;
  /** The tax that is part of the amount, in percent, as a decimal text. */
  inclusiveTaxPercent: string;
  discounts: readonly SubscriptionDiscount[];
}

/** A Stripe subscription, validated and translated from the shape of any API version. Times are ISO 8601. */
export interface StripeSubscription {
  stripeSubscriptionId: string;
  status: SubscriptionStatus;
  /** Empty where Stripe gives only some of them. */
  items: readonly SubscriptionItem[];
  discounts: readonly SubscriptionDiscount[];
  cancelAtPeriodEnd: boolean;
  cancelAt: string | null;
  /** When the cancellation was requested; it ends the subscription at `endedAt`. */
  canceledAt: string | null;
  endedAt: string | null;
  trialStart: string | null;
  trialEnd: string | null;
  /** The earliest end among the items. */
  currentPeriodEnd: string | null;
  isCollectionPaused: boolean;
  startedAt: string | null;
  /** The test clock whose simulated time these times are. */
  testClock: string | null;
  /** The object has all that its price depends on: no unknown discounts or tiers, and all items. */
  isPriceKnown: boolean;
}

import type {
  BillingInterval,
  PriceTier,
  StripeSubscription,
  SubscriptionDiscount,
  SubscriptionItem,
  SubscriptionStatus,
} from '../events/stripe-subscription.js';
import { minusAtMost, ofDecimal, plus, type Rational, rational, rounded, times, ZERO } from './rational.js';

/** Which discounts lower the revenue: those that last for ever, or all that are in force. */
export type SubtractedDiscounts = 'forever' | 'all';

/** Monthly recurring revenue in minor units, by currency. */
export type Mrr = Record<string, number>;

/** Statuses in which a subscription brings revenue. */
const PAYING: ReadonlySet<SubscriptionStatus> = new Set(['active', 'past_due']);

/** How many months make one interval the other way round: what a price per interval is per month. */
const PER_MONTH: Record<BillingInterval, Rational> = {
  month: rational(1n),
  year: rational(1n, 12n),
  week: rational(52n, 12n),
  day: rational(365n, 12n),
};

const HUNDRED = rational(100n);

/**
 * The monthly recurring revenue of a customer's subscriptions by Stripe's rules: without trials, taxes and metered
 * items. Sums are exact and rounded once per currency; currencies are not converted.
 * https://docs.stripe.com/billing/subscriptions/analytics
 */
export function mrrOf(subscriptions: readonly StripeSubscription[], subtracted: SubtractedDiscounts): Mrr {
  const sums = new Map<string, Rational>();
  for (const subscription of subscriptions) {
    if (!PAYING.has(subscription.status)) continue;
    for (const [currency, amount] of exactMrrOf(subscription, subtracted))
      sums.set(currency, plus(sums.get(currency) ?? ZERO, amount));
  }
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, Number(rounded(sum))]));
}

/**
 * Whether a subscription costs more in its second state than in its first, in any status: the price can rise during a
 * trial. A price from nothing is no rise.
 */
export function isUpgrade(
  before: StripeSubscription,
  after: StripeSubscription,
  subtracted: SubtractedDiscounts,
): boolean {
  if (!before.isPriceKnown || !after.isPriceKnown) return false;
  const [from, to] = [before, after].map((state) => mrrOf([{ ...state, status: 'active' }], subtracted)) as [
    Mrr,
    Mrr,
  ];
  return Object.entries(from).some(([currency, amount]) => amount > 0 && (to[currency] ?? 0) > amount);
}

function exactMrrOf(
  { items, discounts }: StripeSubscription,
  subtracted: SubtractedDiscounts,
): Map<string, Rational> {
  const sums = new Map<string, Rational>();
  const licensed = items.filter(({ isMetered }) => !isMetered);
  for (const item of licensed) {
    const { currency } = item;
    const amount = discounted(times(periodAmountOf(item), perMonth(item)), item, item.discounts, subtracted);
    sums.set(currency, plus(sums.get(currency) ?? ZERO, amount));
  }
  const [first] = licensed;
  if (first) {
    for (const [currency, sum] of sums)
      sums.set(currency, discounted(sum, { ...first, currency }, discounts, subtracted));
  }
  return sums;
}

function perMonth({
  interval,
  intervalCount,
}: Pick<SubscriptionItem, 'interval' | 'intervalCount'>): Rational {
  return times(PER_MONTH[interval], rational(1n, BigInt(intervalCount)));
}

/** What a billing period costs, without the tax that is part of the price. */
function periodAmountOf(item: SubscriptionItem): Rational {
  const { unitAmount, tiers, tiersMode, inclusiveTaxPercent } = item;
  const quantity = pricedQuantityOf(item);
  const isTiered = tiers !== null && tiers.length > 0;
  const flat = times(ofDecimal(unitAmount ?? '0'), rational(quantity));
  const gross = isTiered ? tieredAmountOf(quantity, tiers, tiersMode) : flat;
  const { numerator, denominator } = plus(HUNDRED, ofDecimal(inclusiveTaxPercent));
  return times(gross, times(HUNDRED, rational(denominator, numerator)));
}

function pricedQuantityOf({ quantity, package: packed }: SubscriptionItem): bigint {
  if (!packed) return BigInt(quantity);
  const packages = quantity / packed.size;
  return BigInt(packed.round === 'up' ? Math.ceil(packages) : Math.floor(packages));
}

/** Volume: all units at the price of the tier of the last. Graduated: each unit at the price of its own tier. */
function tieredAmountOf(
  quantity: bigint,
  tiers: readonly PriceTier[],
  mode: SubscriptionItem['tiersMode'],
): Rational {
  let amount = ZERO;
  let from = 0n;
  for (const [index, { upTo, unitAmount, flatAmount }] of tiers.entries()) {
    const isLast = upTo === null || quantity <= BigInt(upTo) || index === tiers.length - 1;
    const to = isLast ? quantity : BigInt(upTo);
    const units = mode === 'volume' ? quantity : to - from;
    const part = plus(times(ofDecimal(unitAmount), rational(units)), ofDecimal(flatAmount));
    if (mode === 'volume' && isLast) return part;
    if (mode !== 'volume' && (units > 0n || from === 0n)) amount = plus(amount, part);
    if (isLast) return amount;
    from = to;
  }
  return amount;
}

/** @param per the currency and the period of the amount, for discounts of so much per period */
function discounted(
  amount: Rational,
  per: Pick<SubscriptionItem, 'currency' | 'interval' | 'intervalCount'>,
  discounts: readonly SubscriptionDiscount[],
  subtracted: SubtractedDiscounts,
): Rational {
  let rest = amount;
  for (const { duration, percentOff, amountOff, currency } of discounts) {
    if (duration === null || (subtracted === 'forever' && duration !== 'forever')) continue;
    if (percentOff !== null) {
      const { numerator, denominator } = ofDecimal(percentOff);
      rest = times(rest, rational(100n * denominator - numerator, 100n * denominator));
    }
    if (amountOff !== null && currency === per.currency)
      rest = minusAtMost(rest, times(ofDecimal(amountOff), perMonth(per)));
  }
  return rest;
}

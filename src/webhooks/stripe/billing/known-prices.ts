import type {
  StripeSubscription,
  SubscriptionDiscount,
  SubscriptionItem,
} from '../../../events/stripe-subscription.js';

/** Whether the discount has its coupon. Events of new API versions have only the id of a discount. */
export function isKnownDiscount({ duration }: SubscriptionDiscount): boolean {
  return duration !== null;
}

/** Whether the item has all that its price depends on. Events leave out the tiers of a price. */
export function isPriced({ isMetered, unitAmount, tiers, discounts }: SubscriptionItem): boolean {
  return isMetered || ((unitAmount !== null || (tiers?.length ?? 0) > 0) && discounts.every(isKnownDiscount));
}

/**
 * A subscription in an event with the coupons and tiers that are stored of it. If the price is still not known, the
 * stored price stays until the subscription has been fetched; without a stored one there is none. The revenue does not
 * move back and forth in between.
 */
export function withKnownPrices(
  reported: StripeSubscription,
  stored: StripeSubscription | undefined,
): StripeSubscription {
  if (reported.isPriceKnown) return reported;
  const { items, discounts } = reported;
  const completed = {
    ...reported,
    items: items.map((item) => completeItem(item, stored)),
    discounts: discounts.map((discount) => completeDiscount(discount, stored)),
  };
  const hasItems = items.length > 0;
  if (hasItems && completed.items.every(isPriced) && completed.discounts.every(isKnownDiscount))
    return { ...completed, isPriceKnown: true };
  return { ...reported, items: stored?.items ?? [], discounts: stored?.discounts ?? [] };
}

function completeItem(item: SubscriptionItem, stored: StripeSubscription | undefined): SubscriptionItem {
  const { priceId, unitAmount, tiers } = item;
  const same = stored?.items.find((other) => other.priceId === priceId);
  return {
    ...item,
    tiers: unitAmount === null && tiers === null ? (same?.tiers ?? null) : tiers,
    discounts: item.discounts.map((discount) => completeDiscount(discount, stored)),
  };
}

function completeDiscount(
  discount: SubscriptionDiscount,
  stored: StripeSubscription | undefined,
): SubscriptionDiscount {
  if (isKnownDiscount(discount) || !stored) return discount;
  const all = [...stored.discounts, ...stored.items.flatMap((item) => item.discounts)];
  const isSame = (other: SubscriptionDiscount) => other.discountId === discount.discountId;
  return all.find((other) => isSame(other) && isKnownDiscount(other)) ?? discount;
}

import type Stripe from 'stripe';

/** Stripe allows 20 items in a subscription. */
const ITEMS_MAX = 100;

/** What the price of an item depends on and Stripe leaves out. The list of items can include it: four levels. */
const ITEM_DETAILS = ['data.discounts.source.coupon', 'data.price.tiers'];

/** The part of a subscription that may be incomplete. Its `items` are a list from the API. */
interface WithItems {
  id: string;
  items?: { data: unknown[]; has_more: boolean };
}

/** Whether Stripe has left out items: subscriptions in events, in lists and alone have at most ten. */
export function hasMoreItems({ items }: WithItems): boolean {
  return items?.has_more === true;
}

/** Replaces the items of a subscription with all of its items, with their coupons and tiers. */
export async function readAllItems(
  sdk: Stripe,
  subscription: WithItems,
  options: Stripe.RequestOptions,
): Promise<void> {
  const list = { subscription: subscription.id, limit: ITEMS_MAX, expand: ITEM_DETAILS };
  const data = await sdk.subscriptionItems.list(list, options).autoPagingToArray({ limit: ITEMS_MAX });
  subscription.items = { ...subscription.items, data, has_more: false };
}

import type { Fields } from '../builders.js';
import { answered, resourceMissing, type Route } from './route.js';

/** What Stripe includes of the items of a subscription. */
const ITEMS_SHOWN = 10;

interface Items {
  data: (Fields & { discounts?: (string | Fields)[] })[];
}

/** A subscription as Stripe answers it: with ten items at most, and with ids in place of the discounts of items. */
export function asAnswered<T extends Fields>(subscription: T): T {
  const items = subscription.items as Items | undefined;
  if (subscription.object !== 'subscription' || !items) return subscription;
  const data = items.data.slice(0, ITEMS_SHOWN).map((item) => ({
    ...item,
    discounts: (item.discounts ?? []).map((discount) =>
      typeof discount === 'string' ? discount : discount.id,
    ),
  }));
  return { ...subscription, items: { ...items, data, has_more: items.data.length > ITEMS_SHOWN } };
}

/**
 * The list of the items of a subscription, with discounts. https://docs.stripe.com/api/subscription_items/list
 * @param find a subscription by its id
 */
export function subscriptionItemRoutes(find: (id: string) => Fields | undefined): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/v1\/subscription_items$/,
      answer({ path, query }) {
        const id = query.get('subscription') ?? '';
        const subscription = find(id);
        if (!subscription) return resourceMissing('subscription', id, 'subscription');
        const { data } = subscription.items as Items;
        return answered({ object: 'list', url: path, has_more: false, data });
      },
    },
  ];
}

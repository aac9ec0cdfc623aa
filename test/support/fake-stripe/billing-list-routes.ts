import type { Fields } from '../builders.js';
import { listPage } from './list-page.js';
import { badParameter, type Route } from './route.js';
import { asAnswered, subscriptionItemRoutes } from './subscription-items.js';
import type { BilledKind, StripeState } from './stripe-state.js';

const LISTS: [path: RegExp, kind: BilledKind][] = [
  [/^\/v1\/subscriptions$/, 'subscription'],
  [/^\/v1\/invoices$/, 'invoice'],
  [/^\/v1\/disputes$/, 'dispute'],
];
/** https://docs.stripe.com/expand#how-it-works */
const LEVELS_MAX = 4;

/** The lists of subscriptions, invoices and disputes. https://docs.stripe.com/api/subscriptions/list */
export function billingListRoutes(state: StripeState): Route[] {
  const items = subscriptionItemRoutes((id) => state.billing.subscription.get(id));
  const lists = LISTS.map(([path, kind]): Route => ({
    method: 'GET',
    path,
    answer(request) {
      const expanded = [...request.query].filter(([name]) => name.startsWith('expand')).map(([, at]) => at);
      if (expanded.some((property) => property.split('.').length > LEVELS_MAX))
        return badParameter('expand', `You cannot expand more than ${LEVELS_MAX} levels of a property`);
      const isAll = kind !== 'subscription' || request.query.get('status') === 'all';
      const page = listPage(
        kind,
        state.billing[kind],
        request,
        ({ status }) => isAll || status !== 'canceled',
      );
      const { data = [], ...list } = page.body as { data?: Fields[] };
      return { ...page, body: { ...list, data: data.map(asAnswered) } };
    },
  }));
  return [...lists, ...items];
}

import { listPage } from './list-page.js';
import { accountOf, answered, resourceMissing, type Route } from './route.js';
import type { StripeState } from './stripe-state.js';

/** https://docs.stripe.com/api/customers */
export function customerRoutes(state: StripeState): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/v1\/customers$/,
      answer: (request) => listPage('customer', state.customers, request),
    },
    {
      method: 'GET',
      path: /^\/v1\/customers\/(\w+)$/,
      answer(request) {
        const [id = ''] = request.params;
        if (!state.isOf(id, accountOf(request))) return resourceMissing('customer', id);
        if (state.isDeleted(id)) return answered({ id, object: 'customer', deleted: true });
        const customer = state.customers.get(id);
        return customer ? answered(customer) : resourceMissing('customer', id);
      },
    },
  ];
}

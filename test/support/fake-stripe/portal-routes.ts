import { randomBytes } from 'node:crypto';
import type { Fields } from '../builders.js';
import { accountOf, answered, badParameter, type FakeRequest, resourceMissing, type Route } from './route.js';
import type { StripeState } from './stripe-state.js';

/** The service's calls to the billing portal. */
export interface PortalCalls {
  sessions: { id: string; url: string; params: Record<string, string> }[];
  configurations: Map<string, Record<string, string>>;
}

/** https://docs.stripe.com/api/customer_portal: configurations, and sessions of existing customers. */
export function portalRoutes(state: StripeState, calls: PortalCalls): Route[] {
  /** The owner of each configuration: a connected account, or null for the key's own. */
  const accounts = new Map<string, string | null>();
  return [
    {
      method: 'POST',
      path: /^\/v1\/billing_portal\/configurations$/,
      answer(request) {
        const id = `bpc_${unique()}`;
        calls.configurations.set(id, paramsOf(request));
        accounts.set(id, accountOf(request));
        return answered({ id, object: 'billing_portal.configuration', active: true });
      },
    },
    {
      method: 'POST',
      path: /^\/v1\/billing_portal\/sessions$/,
      answer(request) {
        const params = paramsOf(request);
        const { customer = '', configuration = '' } = params;
        const account = accountOf(request);
        const isThere = state.customers.get(customer) && !state.isDeleted(customer);
        if (!isThere || !state.isOf(customer, account)) {
          return resourceMissing('customer', customer, 'customer');
        }
        if (!calls.configurations.has(configuration) || accounts.get(configuration) !== account) {
          return badParameter('configuration', `No such configuration: '${configuration}'`);
        }
        const id = `bps_${unique()}`;
        const url = `https://billing.stripe.com/p/session/test_${unique()}`;
        calls.sessions.push({ id, url, params });
        return answered({ id, object: 'billing_portal.session', url, ...params } satisfies Fields);
      },
    },
  ];
}

function paramsOf({ body }: FakeRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

function unique(): string {
  return randomBytes(12).toString('hex');
}

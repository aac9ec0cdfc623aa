import { randomBytes } from 'node:crypto';

const unique = () => randomBytes(8).toString('hex');
const nowSeconds = () => Math.floor(Date.now() / 1000);

export type Fields = Record<string, unknown>;

/** A Stripe customer object of the current API version: valid, unique, belonging to `mingus_user_id`. */
export function aCustomer(
  fields: Fields = {},
): Fields & { id: string; email: string; metadata: Record<string, string> } {
  const id = unique();
  return {
    id: `cus_${id}`,
    object: 'customer',
    address: null,
    balance: 0,
    created: nowSeconds(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: `${id}@example.com`,
    invoice_prefix: id.slice(0, 8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: { mingus_user_id: `user-${id}` },
    name: 'Ada Lovelace',
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...fields,
  };
}

/** A `customer.created` snapshot event around an object. */
export function anEvent(
  object: unknown = aCustomer(),
  fields: Fields = {},
): Fields & { id: string; type: string } {
  return {
    id: `evt_${unique()}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: nowSeconds(),
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${unique()}`, idempotency_key: unique() },
    type: 'customer.created',
    ...fields,
  };
}

/** A `v1.customer.created` thin event about a customer. */
export function aThinEvent(customerId: string, fields: Fields = {}): Fields & { id: string; type: string } {
  return {
    id: `evt_${unique()}`,
    object: 'v2.core.event',
    type: 'v1.customer.created',
    created: new Date().toISOString(),
    livemode: false,
    reason: null,
    related_object: { id: customerId, type: 'customer', url: `/v1/customers/${customerId}` },
    ...fields,
  };
}

/** A thin event about another event that Stripe failed to generate. Its data name the object. */
export function aGenerationFailure(fields: Fields = {}): Fields & { id: string; type: string } {
  const type = 'v2.core.health.event_generation_failure.resolved';
  return aThinEvent('', { type, related_object: null, ...fields });
}

/** A body for `POST /admin/users`. */
export function aUser(fields: Fields = {}): Fields & { id: string; email: string; name: string } {
  const id = unique();
  return { id: `user-${id}`, email: `${id}@example.com`, name: 'Ada Lovelace', ...fields };
}

import { isDeepStrictEqual } from 'node:util';
import type { StripeCustomer } from '../../../events/stripe-customer.js';
import type { ToldCustomer } from '../../decision/stripe-customer.js';

/** A customer as stored: times are dates. */
type StoredCustomer = Omit<StripeCustomer, 'stripeCreatedAt'> & { stripeCreatedAt: Date | null };

const COMPARED = [
  'email',
  'name',
  'phone',
  'description',
  'address',
  'shipping',
  'metadata',
  'preferredLocales',
  'currency',
  'balanceMinor',
  'taxExempt',
  'invoicePrefix',
  'nextInvoiceSequence',
  'defaultSource',
  'delinquent',
  'testClock',
] as const;

/**
 * Which keys these hold depends on the API version and on what a request expands: webhooks come in the
 * version of their endpoint, lists in ours. Only keys that both have are compared.
 */
const COMPARED_WHERE_BOTH_HAVE_IT = ['invoiceSettings', 'discount', 'additionalFields'] as const;

/**
 * The names of the fields in which a customer of Stripe differs from the one that we store. Whose address was
 * removed there keeps it here.
 */
export function differingFields(told: ToldCustomer, stored: StoredCustomer): string[] {
  const listed = { ...told, email: told.email ?? stored.email };
  const fields: string[] = COMPARED.filter((field) => !isDeepStrictEqual(listed[field], stored[field]));
  const storedAt = stored.stripeCreatedAt?.toISOString() ?? null;
  if (listed.stripeCreatedAt !== storedAt) fields.push('stripeCreatedAt');
  for (const field of COMPARED_WHERE_BOTH_HAVE_IT) {
    const [one, other] = [listed[field], stored[field]];
    if ((one === null) !== (other === null)) fields.push(field);
    if (one === null || other === null) continue;
    const keys = Object.keys(one).filter((key) => key in other && !isDeepStrictEqual(one[key], other[key]));
    fields.push(...keys.map((key) => `${field}.${key}`));
  }
  return fields;
}

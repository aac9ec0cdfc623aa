import { isDeepStrictEqual } from 'node:util';
import type { Changes, StripeCustomer } from '../../events/stripe-customer.js';
import type { ReportedCustomer } from './stripe-customer.js';

/** A customer as stored: times are dates. */
export type StoredCustomer = Omit<StripeCustomer, 'stripeCreatedAt'> & { stripeCreatedAt: Date | null };

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
 * The keys in these fields depend on the API version and on the expansions of a request. Webhooks have the
 * version of their endpoint, lists have ours. Only keys in both are compared.
 */
const COMPARED_WHERE_BOTH_HAVE_IT = ['invoiceSettings', 'discount', 'additionalFields'] as const;

/**
 * The fields in which a reported customer differs from the stored one. A customer whose address was removed
 * in Stripe keeps the stored one.
 */
export function differencesOf(reported: ReportedCustomer, stored: StoredCustomer): Changes {
  const listed = { ...reported, email: reported.email ?? stored.email };
  const changes: Changes = {};
  const compare = (name: string, before: unknown, after: unknown) => {
    if (!isDeepStrictEqual(before, after)) changes[name] = { before, after };
  };
  for (const field of COMPARED) compare(field, stored[field], listed[field]);
  compare('stripeCreatedAt', stored.stripeCreatedAt?.toISOString() ?? null, listed.stripeCreatedAt);
  for (const field of COMPARED_WHERE_BOTH_HAVE_IT) {
    const [before, after] = [stored[field], listed[field]];
    if ((before === null) !== (after === null)) compare(field, before, after);
    if (before === null || after === null) continue;
    for (const key of Object.keys(after).filter((name) => name in before))
      compare(`${field}.${key}`, before[key], after[key]);
  }
  return changes;
}

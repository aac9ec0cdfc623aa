import type Stripe from 'stripe';

/**
 * The options of a call about an object of a connected account. Without them Stripe searches in our own
 * account and does not find the object.
 * @param account the connected account (`acct_…`); null for our own
 */
export function inTheNameOf(account: string | null): Stripe.RequestOptions {
  return account ? { stripeContext: account } : {};
}

import { anEventOf, anInvoice, anItem, aSubscription } from '../../test/support/billing-builders.js';

/** Fields of real subscriptions and invoices that the service does not read, so that bodies have their usual size. */
const UNREAD = {
  application: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_mode: { flexible: null, type: 'classic' },
  collection_method: 'charge_automatically',
  default_payment_method: 'pm_1QxyzABCDEF0123456789abc',
  default_source: null,
  description: 'MINGUS Professional, billed each month until it is cancelled',
  invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
  on_behalf_of: null,
  payment_settings: {
    payment_method_options: { card: { network: null, request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    save_default_payment_method: 'on_subscription',
  },
  transfer_data: null,
};

/**
 * A `customer.subscription.updated` body as Stripe formats it, about 4 KB. Each change of a customer's one subscription
 * has another quantity, so that the revenue moves.
 * @param change the number of the change, from 1 on; @param at Unix seconds
 */
export function subscriptionBody(customerId: string, change: number, at: number): string {
  const suffix = customerId.slice(4);
  const item = anItem({}, { id: `si_${suffix}`, quantity: 1 + (change % 7) });
  const fields = { ...UNREAD, id: `sub_${suffix}`, created: at - change };
  const subscription = aSubscription(customerId, fields, [item]);
  return JSON.stringify(anEventOf('customer.subscription.updated', subscription, at), null, 2);
}

/** An `invoice.paid` body. @param at Unix seconds */
export function invoiceBody(customerId: string, at: number): string {
  const invoice = anInvoice(customerId, { ...UNREAD, created: at, status_transitions: { paid_at: at } });
  return JSON.stringify(anEventOf('invoice.paid', invoice, at), null, 2);
}

import type { StripeDispute } from '../../../events/stripe-dispute.js';
import { isRecord } from '../received-event.js';
import { type Translated, translateObject } from './object-fields.js';

/** Statuses in which nothing more is to come. Others, also unknown ones, are open. */
const DECIDED: ReadonlySet<string> = new Set([
  'won',
  'lost',
  'warning_closed',
  'charge_refunded',
  'prevented',
]);

/**
 * Validates a Stripe dispute and translates it. It names its charge, and only an expanded charge names the customer.
 * https://docs.stripe.com/api/disputes/object
 */
export function translateDispute(object: unknown): Translated<StripeDispute> {
  return translateObject(object, 'dispute', (fields) => {
    const charge = fields.raw('charge');
    const status = fields.text('status');
    const stripeChargeId = fields.reference('charge');
    const currency = fields.currency('currency');
    if (status === null) fields.refuse('status');
    if (stripeChargeId === null) fields.refuse('charge');
    if (currency === null) fields.refuse('currency');
    const reported: StripeDispute = {
      stripeDisputeId: fields.text('id') ?? '',
      stripeChargeId: stripeChargeId ?? '',
      status: status ?? '',
      isOpen: !DECIDED.has(status ?? ''),
      reason: fields.text('reason'),
      currency: currency ?? '',
      amountMinor: fields.amount('amount') ?? 0,
      stripeCreatedAt: fields.time('created'),
    };
    return { customer: isRecord(charge) ? charge.customer : undefined, reported };
  });
}

/** Whether the charge must be fetched, because only it names the customer. */
export function isWithoutCharge(object: unknown): boolean {
  return isRecord(object) && typeof object.charge === 'string';
}

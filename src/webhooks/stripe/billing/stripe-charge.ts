import type { ChargeRefunded } from '../../../events/subscriptions/charge-refunded.event.js';
import type { CheckoutEnded } from '../../../events/subscriptions/checkout-ended.event.js';
import { type Translated, translateObject } from './object-fields.js';

/** Validates a refunded charge and translates it. https://docs.stripe.com/api/charges/object */
export function translateRefund(object: unknown): Translated<ChargeRefunded['charge']> {
  return translateObject(object, 'charge', (fields) => {
    const currency = fields.currency('currency');
    if (currency === null) fields.refuse('currency');
    const reported = {
      stripeChargeId: fields.text('id') ?? '',
      currency: currency ?? '',
      amountMinor: fields.amount('amount') ?? 0,
      amountRefundedMinor: fields.amount('amount_refunded') ?? 0,
    };
    return { customer: fields.raw('customer'), reported };
  });
}

/**
 * Validates a checkout session that has ended and translates it. https://docs.stripe.com/api/checkout/sessions/object
 * @param type of the event with the object
 */
export function translateCheckout(object: unknown, type: string): Translated<CheckoutEnded['session']> {
  return translateObject(object, 'checkout.session', (fields) => ({
    customer: fields.raw('customer'),
    reported: {
      stripeSessionId: fields.text('id') ?? '',
      status: type.endsWith('.completed') ? ('completed' as const) : ('expired' as const),
      mode: fields.text('mode'),
      paymentStatus: fields.text('payment_status'),
      currency: fields.currency('currency'),
      amountTotalMinor: fields.amount('amount_total'),
      stripeSubscriptionId: fields.reference('subscription'),
    },
  }));
}

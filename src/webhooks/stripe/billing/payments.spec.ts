import { describe, expect, it } from 'vitest';
import { aDispute, anInvoice, hour } from '../../../../test/support/billing-builders.js';
import type { Fields } from '../../../../test/support/builders.js';
import { translateDispute } from './stripe-dispute.js';
import { translateInvoice } from './stripe-invoice.js';

const AT = '2026-09-01T00:00:00.000Z';
const iso = (hours: number) => new Date(hour(hours) * 1000).toISOString();
const invoice = (fields: Fields = {}, type = 'invoice.paid') =>
  translateInvoice(anInvoice('cus_1', fields), type, AT);

describe('an invoice', () => {
  it.each<[string, Fields, string, object]>([
    [
      'paid',
      {},
      'invoice.paid',
      { status: 'paid', amountPaidMinor: 1000, paidAt: iso(0), isPaymentFailed: false },
    ],
    [
      'of an old API version',
      {
        status: undefined,
        paid: true,
        amount_paid: undefined,
        parent: undefined,
        subscription: 'sub_1',
        status_transitions: undefined,
      },
      'invoice.paid',
      { status: 'paid', amountPaidMinor: 1000, paidAt: AT, stripeSubscriptionId: 'sub_1' },
    ],
    [
      'closed, of an old API version',
      { status: undefined, paid: false, closed: true },
      'invoice.voided',
      { status: 'void' },
    ],
    [
      'forgiven, of an old API version',
      { status: undefined, forgiven: true },
      'invoice.marked_uncollectible',
      { status: 'uncollectible' },
    ],
    [
      'with the subscription in its parent',
      { parent: { subscription_details: { subscription: 'sub_2' } } },
      'invoice.paid',
      { stripeSubscriptionId: 'sub_2' },
    ],
    [
      'with the subscription expanded',
      { parent: null, subscription: { id: 'sub_3' } },
      'invoice.paid',
      { stripeSubscriptionId: 'sub_3' },
    ],
    [
      'whose payment failed',
      { status: 'open', attempted: true },
      'invoice.payment_failed',
      { isPaymentFailed: true, paidAt: null },
    ],
    [
      'whose payment failed, by the type alone',
      { status: 'open', attempted: false, attempt_count: 0 },
      'v1.invoice.payment_action_required',
      { isPaymentFailed: true },
    ],
    [
      'given up after it failed',
      { status: 'uncollectible', attempted: true },
      'invoice.marked_uncollectible',
      { isPaymentFailed: true },
    ],
    ['voided', { status: 'void', attempted: true }, 'invoice.voided', { isPaymentFailed: false }],
  ])('%s', (_, fields, type, reported) => {
    expect(invoice(fields, type)).toMatchObject({ valid: true, reported });
  });

  it.each<[string, Fields, string]>([
    ['an unknown status', { status: 'lost' }, 'unknown_status'],
    ['no currency', { currency: undefined }, 'invalid_fields'],
    ['an amount that is no number', { amount_paid: '10' }, 'invalid_fields'],
    ['an amount beyond all', { amount_paid: 1e18 }, 'invalid_fields'],
    ['no customer', { customer: undefined }, 'no_customer'],
  ])('with %s is refused with a code', (_, fields, code) => {
    expect(invoice(fields)).toMatchObject({ valid: false, code });
  });
});

describe('a dispute', () => {
  it('belongs to the customer of its charge', () => {
    const charge = { id: 'ch_1', object: 'charge', customer: 'cus_9' };
    expect(translateDispute({ ...aDispute('ch_1'), charge })).toMatchObject({
      valid: true,
      stripeCustomerId: 'cus_9',
      reported: { stripeChargeId: 'ch_1', isOpen: true },
    });
    expect(translateDispute(aDispute('ch_1'))).toMatchObject({ valid: false, code: 'no_customer' });
  });

  it.each(['won', 'lost', 'warning_closed'])('that is %s is not open', (status) => {
    const charge = { id: 'ch_1', customer: 'cus_9' };
    expect(translateDispute({ ...aDispute('ch_1'), charge, status })).toMatchObject({
      reported: { isOpen: false },
    });
  });
});

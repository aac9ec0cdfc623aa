import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anItem, aSubscription, hour } from '../../../../test/support/billing-builders.js';
import type { Fields } from '../../../../test/support/builders.js';
import { translateCheckout, translateRefund } from './stripe-charge.js';
import { translateDispute } from './stripe-dispute.js';
import { translateInvoice } from './stripe-invoice.js';
import { translateSubscription } from './stripe-subscription.js';

const AT = '2026-09-01T00:00:00.000Z';
const iso = (hours: number) => new Date(hour(hours) * 1000).toISOString();
const subscription = (fields: Fields = {}, items?: Fields[]) =>
  translateSubscription(aSubscription('cus_1', fields, items));

/** A subscription as API versions before 2018 have it. */
const OLD = {
  items: undefined,
  plan: { id: 'gold', object: 'plan', amount: 2000, currency: 'usd', interval: 'year', interval_count: 1 },
  quantity: 3,
  current_period_end: hour(5),
  start: hour(1),
  start_date: undefined,
};

describe('a subscription', () => {
  it('of the current API version is translated', () => {
    const items = [anItem({}, { current_period_end: hour(9) }), anItem({}, { current_period_end: hour(8) })];

    expect(subscription({ cancel_at: hour(2), test_clock: 'clock_1' }, items)).toMatchObject({
      valid: true,
      stripeCustomerId: 'cus_1',
      reported: {
        status: 'active',
        items: [{ currency: 'usd', unitAmount: '1000', quantity: 1, interval: 'month' }, {}],
        cancelAt: iso(2),
        currentPeriodEnd: iso(8),
        startedAt: iso(0),
        testClock: 'clock_1',
        isPriceKnown: true,
      },
    });
  });

  it('of an old API version has one plan and a quantity', () => {
    expect(subscription(OLD)).toMatchObject({
      valid: true,
      reported: {
        items: [{ priceId: 'gold', unitAmount: '2000', quantity: 3, interval: 'year' }],
        currentPeriodEnd: iso(5),
        startedAt: iso(1),
      },
    });
  });

  it.each<[string, Fields, Fields[] | undefined, object]>([
    [
      'an expanded customer',
      { customer: { id: 'cus_2', object: 'customer' } },
      undefined,
      { stripeCustomerId: 'cus_2' },
    ],
    [
      'a deleted customer',
      { customer: { id: 'cus_2', deleted: true } },
      undefined,
      { stripeCustomerId: 'cus_2' },
    ],
    ['no items', {}, [], { reported: { items: [] } }],
    ['neither items nor plan', { items: undefined }, undefined, { reported: { items: [] } }],
    ['items as an array', { items: [anItem()] }, undefined, { reported: { items: [{ quantity: 1 }] } }],
    ['discounts by their ids', { discounts: ['di_1'] }, undefined, { reported: { isPriceKnown: false } }],
    [
      'more items than are reported',
      { items: { data: [anItem()], has_more: true } },
      undefined,
      { reported: { isPriceKnown: false } },
    ],
    [
      'tiers that are left out',
      {},
      [anItem({ billing_scheme: 'tiered', unit_amount: null, unit_amount_decimal: null })],
      { reported: { isPriceKnown: false } },
    ],
    [
      'a metered price without an amount',
      {},
      [
        anItem(
          {
            unit_amount: null,
            unit_amount_decimal: null,
            recurring: { interval: 'month', usage_type: 'metered' },
          },
          { quantity: undefined },
        ),
      ],
      { reported: { isPriceKnown: true } },
    ],
    [
      'a paused collection',
      { pause_collection: { behavior: 'void' } },
      undefined,
      { reported: { isCollectionPaused: true } },
    ],
    [
      'a plan instead of a price',
      {},
      [{ ...anItem(), price: undefined, plan: OLD.plan }],
      { reported: { items: [{ priceId: 'gold', interval: 'year' }] } },
    ],
  ])('with %s is accepted', (_, fields, items, expected) => {
    expect(subscription(fields, items)).toMatchObject({ valid: true, ...expected });
  });

  it.each<[string, Fields, Fields[] | undefined, string]>([
    ['no id', { id: undefined }, undefined, 'missing_required_fields'],
    ['no customer', { customer: null }, undefined, 'no_customer'],
    ['a customer that is no id', { customer: 'somebody' }, undefined, 'invalid_customer_id'],
    ['no status', { status: null }, undefined, 'missing_required_fields'],
    ['an unknown status', { status: 'ended' }, undefined, 'unknown_status'],
    ['a status that is no text', { status: {} }, undefined, 'unknown_status'],
    ['a negative quantity', {}, [anItem({}, { quantity: -1 })], 'invalid_quantity'],
    ['a fraction as quantity', {}, [anItem({}, { quantity: 1.5 })], 'invalid_quantity'],
    ['a huge quantity', {}, [anItem({}, { quantity: 1e15 })], 'invalid_quantity'],
    ['a quantity beyond numbers', {}, [anItem({}, { quantity: 1e300 })], 'invalid_quantity'],
    ['a negative amount', {}, [anItem({ unit_amount_decimal: '-5' })], 'invalid_fields'],
    ['an amount with an exponent', {}, [anItem({ unit_amount_decimal: '1e3' })], 'invalid_fields'],
    ['an endless amount', {}, [anItem({ unit_amount_decimal: '9'.repeat(400) })], 'invalid_fields'],
    ['an unknown interval', {}, [anItem({ recurring: { interval: 'decade' } })], 'invalid_fields'],
    [
      'an interval of no length',
      {},
      [anItem({ recurring: { interval: 'month', interval_count: 0 } })],
      'invalid_fields',
    ],
    ['a price without a currency', {}, [anItem({ currency: null })], 'invalid_fields'],
    ['a currency that is none', {}, [anItem({ currency: 'dollars' })], 'invalid_fields'],
    ['items that are no list', { items: 'all' }, undefined, 'invalid_fields'],
    ['items that are no objects', { items: { data: [1, null] } }, undefined, 'invalid_fields'],
    ['an item without a price', {}, [{ quantity: 1 }], 'invalid_fields'],
    ['too many items', {}, Array.from({ length: 101 }, () => anItem()), 'invalid_fields'],
    ['a time that is none', { cancel_at: 'tomorrow' }, undefined, 'invalid_fields'],
    ['a time beyond all years', { ended_at: 1e18 }, undefined, 'invalid_fields'],
    [
      'more than all off',
      { discounts: [{ coupon: { duration: 'forever', percent_off: 101 } }] },
      undefined,
      'invalid_fields',
    ],
    ['another object', { object: 'invoice' }, undefined, 'not_a_subscription'],
  ])('with %s is refused with a code', (_, fields, items, code) => {
    expect(subscription(fields, items)).toMatchObject({ valid: false, code });
  });

  it('nested too deeply is refused', () => {
    let deep: unknown = {};
    for (let i = 0; i < 100; i += 1) deep = { deep };
    expect(subscription({ metadata: deep })).toMatchObject({ valid: false, code: 'too_deeply_nested' });
  });
});

describe('any JSON value', () => {
  it('is translated or refused with a code, and throws nothing', () => {
    const fields = fc.dictionary(
      fc.constantFrom(
        'id',
        'object',
        'customer',
        'status',
        'items',
        'plan',
        'quantity',
        'discounts',
        'discount',
        'charge',
        'default_tax_rates',
        'parent',
        'currency',
        'amount_paid',
        'cancel_at',
        'pause_collection',
        'data',
      ),
      fc.oneof(fc.jsonValue(), fc.constantFrom('sub_1', 'cus_1', 'active', 'usd', 'paid')),
    );
    fc.assert(
      fc.property(fc.oneof(fields, fc.jsonValue()), (object) => {
        const results = [
          translateSubscription(object),
          translateInvoice(object, 'invoice.paid', AT),
          translateDispute(object),
          translateRefund(object),
          translateCheckout(object, 'checkout.session.completed'),
        ];
        for (const result of results) if (!result.valid) expect(result.code).toMatch(/^[a-z._]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

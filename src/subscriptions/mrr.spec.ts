import { describe, expect, it } from 'vitest';
import { anItem, aSubscription } from '../../test/support/billing-builders.js';
import type { Fields } from '../../test/support/builders.js';
import type { StripeSubscription } from '../events/stripe-subscription.js';
import { translateSubscription } from '../webhooks/stripe/billing/stripe-subscription.js';
import { moneyText } from './money-text.js';
import { mrrOf } from './mrr.js';
import { movementsOf, revenueAfter } from './mrr-movement.js';

function subscription(items: Fields[], fields: Fields = {}): StripeSubscription {
  const translated = translateSubscription(aSubscription('cus_1', fields, items));
  if (!translated.valid) throw new Error(translated.message);
  return translated.reported;
}

const every = (interval: string, interval_count = 1, usage_type = 'licensed') => ({
  recurring: { interval, interval_count, usage_type },
});
const price = (amount: string, fields: Fields = {}) => ({
  unit_amount: null,
  unit_amount_decimal: amount,
  ...fields,
});
const coupon = (fields: Fields) => ({ id: 'di_1', source: { coupon: { duration: 'forever', ...fields } } });
const mrr = (items: Fields[], fields: Fields = {}) => mrrOf([subscription(items, fields)], 'forever');

describe('monthly recurring revenue', () => {
  it.each<[string, Fields[], Fields, Record<string, number>]>([
    ['per month', [anItem()], {}, { usd: 1000 }],
    ['per quarter', [anItem(price('1000', every('month', 3)))], {}, { usd: 333 }],
    ['per year', [anItem(price('12000', every('year')))], {}, { usd: 1000 }],
    ['per two years', [anItem(price('24000', every('year', 2)))], {}, { usd: 1000 }],
    ['per week', [anItem(price('300', every('week')))], {}, { usd: 1300 }],
    ['per two weeks', [anItem(price('600', every('week', 2)))], {}, { usd: 1300 }],
    ['per day', [anItem(price('12', every('day')))], {}, { usd: 365 }],
    ['of several units', [anItem({}, { quantity: 7 })], {}, { usd: 7000 }],
    ['of no units', [anItem({}, { quantity: 0 })], {}, { usd: 0 }],
    ['of fractions of a cent', [anItem(price('0.05'), { quantity: 1_000_000 })], {}, { usd: 50_000 }],
    ['in yen', [anItem(price('500', { currency: 'jpy' }))], {}, { jpy: 500 }],
    ['in dinars', [anItem(price('12345', { currency: 'KWD' }))], {}, { kwd: 12_345 }],
    ['metered', [anItem(every('month', 1, 'metered'))], {}, {}],
    ['metered beside licensed', [anItem(), anItem(every('month', 1, 'metered'))], {}, { usd: 1000 }],
    ['on trial', [anItem()], { status: 'trialing' }, {}],
    ['past due', [anItem()], { status: 'past_due' }, { usd: 1000 }],
    ['unpaid', [anItem()], { status: 'unpaid' }, {}],
    ['with half off for ever', [anItem()], { discounts: [coupon({ percent_off: 50 })] }, { usd: 500 }],
    ['with a third off', [anItem()], { discounts: [coupon({ percent_off: 33.33 })] }, { usd: 667 }],
    [
      'with an amount off each year',
      [anItem(price('12000', every('year')))],
      { discounts: [coupon({ amount_off: 6000, currency: 'usd' })] },
      { usd: 500 },
    ],
    [
      'with more off than it costs',
      [anItem()],
      { discounts: [coupon({ amount_off: 6000, currency: 'usd' })] },
      { usd: 0 },
    ],
    [
      'with something off once',
      [anItem()],
      { discounts: [coupon({ percent_off: 50, duration: 'once' })] },
      { usd: 1000 },
    ],
    [
      'with something off an item',
      [anItem({}, { discounts: [coupon({ percent_off: 10 })] }), anItem()],
      {},
      { usd: 1900 },
    ],
    [
      'with a coupon of old API versions',
      [anItem()],
      { discounts: undefined, discount: { id: 'di_1', coupon: { duration: 'forever', percent_off: 20 } } },
      { usd: 800 },
    ],
    [
      'with tax that is part of the price',
      [anItem(price('1190'), { tax_rates: [{ inclusive: true, percentage: 19.0 }] })],
      {},
      { usd: 1000 },
    ],
    [
      'with tax on top',
      [anItem({}, { tax_rates: [{ inclusive: false, percentage: 19.0 }] })],
      {},
      { usd: 1000 },
    ],
    [
      'with tax of the whole subscription in the price',
      [anItem(price('1150'))],
      { default_tax_rates: [{ inclusive: true, percentage: 15.0 }] },
      { usd: 1000 },
    ],
    [
      'in packages of ten',
      [anItem({ transform_quantity: { divide_by: 10, round: 'up' } }, { quantity: 21 })],
      {},
      { usd: 3000 },
    ],
    [
      'in graduated tiers',
      [
        anItem(
          {
            ...price('0'),
            unit_amount_decimal: null,
            tiers_mode: 'graduated',
            tiers: [
              { up_to: 5, unit_amount: 500, flat_amount: 100 },
              { up_to: null, unit_amount: 400, flat_amount: null },
            ],
          },
          { quantity: 7 },
        ),
      ],
      {},
      { usd: 3400 },
    ],
    [
      'in volume tiers',
      [
        anItem(
          {
            ...price('0'),
            unit_amount_decimal: null,
            tiers_mode: 'volume',
            tiers: [
              { up_to: 5, unit_amount: 500 },
              { up_to: null, unit_amount: 400 },
            ],
          },
          { quantity: 7 },
        ),
      ],
      {},
      { usd: 2800 },
    ],
  ])('is right %s', (_, items, fields, expected) => {
    expect(mrr(items, fields)).toEqual(expected);
  });

  it('subtracts every discount in force when that is configured', () => {
    const repeating = subscription([anItem()], {
      discounts: [coupon({ percent_off: 50, duration: 'repeating' })],
    });
    expect(mrrOf([repeating], 'forever')).toEqual({ usd: 1000 });
    expect(mrrOf([repeating], 'all')).toEqual({ usd: 500 });
  });

  it('is rounded once, after all has been added up', () => {
    const third = () => subscription([anItem(price('1000', every('month', 3)))]);
    expect(mrrOf([third(), third(), third()], 'forever')).toEqual({ usd: 1000 });
  });

  it('keeps currencies apart', () => {
    const euros = subscription([anItem(price('700', { currency: 'eur' }))]);
    expect(mrrOf([euros, subscription([anItem()])], 'forever')).toEqual({ eur: 700, usd: 1000 });
  });

  /** https://docs.stripe.com/billing/subscriptions/analytics */
  it('is 12,500 for 100 customers at 100 per month and 50 at 600 per year', () => {
    const monthly = subscription([anItem(price('100'), { quantity: 100 })]);
    const yearly = subscription([anItem(price('600', every('year')), { quantity: 50 })]);
    expect(mrrOf([monthly, yearly], 'forever')).toEqual({ usd: 12_500 });
  });
});

describe('movements of the revenue', () => {
  it.each<[string, Record<string, number>, Record<string, number>, string | undefined]>([
    ['from nothing for the first time', {}, { usd: 10 }, 'new'],
    ['from nothing again', { usd: 0 }, { usd: 10 }, 'reactivation'],
    ['up', { usd: 10 }, { usd: 11 }, 'expansion'],
    ['down', { usd: 10 }, { usd: 9 }, 'contraction'],
    ['to nothing', { usd: 10 }, {}, 'churn'],
    ['not at all', { usd: 10 }, { usd: 10 }, undefined],
    ['from nothing to nothing', {}, { usd: 0 }, undefined],
  ])('%s', (_, before, after, kind) => {
    expect(movementsOf(before, after)[0]?.kind).toBe(kind);
  });

  /** The example of Stripe's analytics: 1000 +100 +50 −40 −60 −5. */
  it('add up to the revenue', () => {
    let revenue: Record<string, number> = {};
    let sum = 0;
    for (const usd of [1000, 1100, 1150, 1110, 1050, 1045]) {
      const movements = movementsOf(revenue, { usd });
      for (const { beforeMinor, afterMinor } of movements) sum += afterMinor - beforeMinor;
      revenue = revenueAfter(revenue, movements);
    }
    expect(sum).toBe(1045);
    expect(revenue).toEqual({ usd: 1045 });
  });

  it('are one per currency', () => {
    expect(movementsOf({ usd: 5, eur: 3 }, { eur: 4, jpy: 9 })).toEqual([
      { currency: 'eur', kind: 'expansion', beforeMinor: 3, afterMinor: 4 },
      { currency: 'jpy', kind: 'new', beforeMinor: 0, afterMinor: 9 },
      { currency: 'usd', kind: 'churn', beforeMinor: 5, afterMinor: 0 },
    ]);
  });
});

describe('an amount for people', () => {
  it.each<[number, string, string]>([
    [0, 'usd', '0'],
    [5, 'usd', '0.05'],
    [1000, 'usd', '10.00'],
    [1000, 'jpy', '1000'],
    [12_345, 'kwd', '12.345'],
    [-250, 'eur', '-2.50'],
    [123, 'constructor', '1.23'],
  ])('%d %s', (amount, currency, text) => {
    expect(moneyText(amount, currency)).toBe(text);
  });
});

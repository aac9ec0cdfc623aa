import { describe, expect, it } from 'vitest';
import { anItem, aSubscription } from '../../../../test/support/billing-builders.js';
import type { Fields } from '../../../../test/support/builders.js';
import type { StripeSubscription } from '../../../events/stripe-subscription.js';
import { withKnownPrices } from './known-prices.js';
import { translateSubscription } from './stripe-subscription.js';

const COUPON = { duration: 'forever', percent_off: 50 };
const TIERED = { id: 'price_1', billing_scheme: 'tiered', unit_amount: null, unit_amount_decimal: null };
const TIERS = [{ up_to: null, unit_amount: 5 }];

function subscription(fields: Fields, items?: Fields[]): StripeSubscription {
  const translated = translateSubscription(aSubscription('cus_1', { id: 'sub_1', ...fields }, items));
  if (!translated.valid) throw new Error(translated.message);
  return translated.reported;
}

describe('a subscription in an event', () => {
  it('has the coupons that are stored', () => {
    const stored = subscription({ discounts: [{ id: 'di_1', source: { coupon: COUPON } }] });

    const completed = withKnownPrices(subscription({ discounts: ['di_1'] }), stored);

    expect(completed).toMatchObject({ isPriceKnown: true, discounts: [{ percentOff: '50' }] });
  });

  it('has the coupons of its items that are stored', () => {
    const item = anItem({}, { discounts: [{ id: 'di_1', coupon: COUPON }] });
    const stored = subscription({}, [item]);

    const completed = withKnownPrices(subscription({}, [{ ...item, discounts: ['di_1'] }]), stored);

    expect(completed).toMatchObject({ isPriceKnown: true, items: [{ discounts: [{ percentOff: '50' }] }] });
  });

  it('has the tiers that are stored', () => {
    const stored = subscription({}, [anItem({ ...TIERED, tiers: TIERS })]);

    const completed = withKnownPrices(subscription({}, [anItem(TIERED, { quantity: 9 })]), stored);

    expect(completed).toMatchObject({
      isPriceKnown: true,
      items: [{ quantity: 9, tiers: [{ unitAmount: '5' }] }],
    });
  });

  it('keeps the stored price while a coupon is unknown', () => {
    const stored = subscription({}, [anItem({}, { quantity: 3 })]);

    const completed = withKnownPrices(subscription({ discounts: ['di_new'] }), stored);

    expect(completed).toMatchObject({ isPriceKnown: false, items: [{ quantity: 3 }], discounts: [] });
  });

  it('has no price while a coupon is unknown and nothing is stored', () => {
    const completed = withKnownPrices(subscription({ discounts: ['di_new'] }), undefined);

    expect(completed).toMatchObject({ isPriceKnown: false, items: [], discounts: [] });
  });

  it('keeps the stored price while the event leaves out items', () => {
    const items = { data: [anItem()], has_more: true };

    expect(withKnownPrices(subscription({ items }), subscription({}))).toMatchObject({ isPriceKnown: false });
  });

  it('has the coupon of API versions that have both ids and an object', () => {
    const fields = { discounts: ['di_1'], discount: { id: 'di_1', coupon: COUPON } };

    expect(subscription(fields)).toMatchObject({ isPriceKnown: true, discounts: [{ percentOff: '50' }] });
  });
});

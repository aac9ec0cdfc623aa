import type { SubscriptionDiscount } from '../../../events/stripe-subscription.js';
import { isRecord } from '../received-event.js';
import { ObjectFields } from './object-fields.js';

const DURATIONS = ['forever', 'once', 'repeating'] as const;

/**
 * The discounts of a subscription or an item: `discount` in old API versions, `discounts` in newer ones, where events
 * name them by their ids only.
 */
export function readDiscounts(fields: ObjectFields): SubscriptionDiscount[] {
  const several = fields.raw('discounts');
  const reported = several === undefined ? [fields.raw('discount')] : several;
  if (!Array.isArray(reported)) {
    fields.refuse('discounts');
    return [];
  }
  const list = reported
    .map((discount: unknown) => expanded(discount, fields.raw('discount')))
    .filter((discount) => discount !== undefined && discount !== null);
  return list.map((discount: unknown) =>
    isRecord(discount)
      ? readDiscount(new ObjectFields(discount, fields.problems, 'discount.'))
      : unknown(discount),
  );
}

/** API versions of 2024 have ids in `discounts`, and one of the objects in `discount`. */
function expanded(discount: unknown, single: unknown): unknown {
  return isRecord(single) && single.id === discount ? single : discount;
}

/** Since API 2025-09-30 the coupon is in `source`. */
function readDiscount(fields: ObjectFields): SubscriptionDiscount {
  const discountId = fields.text('id');
  const source = fields.raw('source');
  const coupon = fields.raw('coupon') ?? (isRecord(source) ? source.coupon : undefined);
  if (!isRecord(coupon)) return unknown(discountId);
  const reported = new ObjectFields(coupon, fields.problems, 'coupon.');
  const percentOff = reported.decimal('percent_off');
  if (percentOff !== null && Number(percentOff) > 100) reported.refuse('percent_off');
  return {
    discountId,
    duration: reported.oneOf('duration', DURATIONS),
    percentOff,
    amountOff: reported.decimal('amount_off'),
    currency: reported.currency('currency'),
  };
}

function unknown(id: unknown): SubscriptionDiscount {
  const discountId = typeof id === 'string' ? id : null;
  return { discountId, duration: null, percentOff: null, amountOff: null, currency: null };
}

import { type StripeSubscription, SUBSCRIPTION_STATUSES } from '../../../events/stripe-subscription.js';
import { isKnownDiscount, isPriced } from './known-prices.js';
import { type ObjectFields, refuse, type Translated, translateObject } from './object-fields.js';
import { readDiscounts } from './stripe-discount.js';
import { readItems } from './subscription-item.js';

const KIND = 'subscription';

/** Validates a Stripe subscription of any API version and translates it. https://docs.stripe.com/api/subscriptions/object */
export function translateSubscription(object: unknown): Translated<StripeSubscription> {
  return translateObject(object, KIND, (fields) => {
    const reported = fields.raw('status');
    if (reported === undefined)
      return refuse(KIND, 'missing_required_fields', 'Missing required fields: status');
    const status = SUBSCRIPTION_STATUSES.find((known) => known === reported);
    if (!status) return refuse(KIND, 'unknown_status', 'Unknown status');
    const subscription = readSubscription(fields, status);
    if (fields.problems.some((name) => /(^|\.)quantity$/.test(name)))
      return refuse(KIND, 'invalid_quantity', 'Invalid quantity');
    return { customer: fields.raw('customer'), reported: subscription };
  });
}

function readSubscription(fields: ObjectFields, status: StripeSubscription['status']): StripeSubscription {
  const hasMore = hasMoreItems(fields);
  const items = hasMore ? [] : readItems(fields);
  const discounts = readDiscounts(fields);
  return {
    stripeSubscriptionId: fields.text('id') ?? '',
    status,
    items,
    discounts,
    cancelAtPeriodEnd: fields.flag('cancel_at_period_end'),
    cancelAt: fields.time('cancel_at'),
    canceledAt: fields.time('canceled_at'),
    endedAt: fields.time('ended_at'),
    trialStart: fields.time('trial_start'),
    trialEnd: fields.time('trial_end'),
    currentPeriodEnd: currentPeriodEndOf(fields),
    isCollectionPaused: fields.inner('pause_collection') !== null,
    startedAt: fields.time('start_date') ?? fields.time('start') ?? fields.time('created'),
    testClock: fields.reference('test_clock'),
    isPriceKnown: !hasMore && items.every(isPriced) && discounts.every(isKnownDiscount),
  };
}

/** Since API 2025-03-31 each item has its own. */
function currentPeriodEndOf(fields: ObjectFields): string | null {
  const own = fields.time('current_period_end');
  if (own !== null || fields.raw('items') === undefined) return own;
  const ends = fields.list('items').flatMap((item) => item.time('current_period_end') ?? []);
  return ends.toSorted()[0] ?? null;
}

function hasMoreItems(fields: ObjectFields): boolean {
  return Array.isArray(fields.raw('items')) ? false : (fields.inner('items')?.flag('has_more') ?? false);
}

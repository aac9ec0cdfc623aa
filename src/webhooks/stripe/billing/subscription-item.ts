import type { PriceTier, SubscriptionItem } from '../../../events/stripe-subscription.js';
import { AMOUNT_MAX, type ObjectFields } from './object-fields.js';
import { readDiscounts } from './stripe-discount.js';

const INTERVALS = ['day', 'week', 'month', 'year'] as const;

/**
 * The charged items of a subscription: `items` with a `price` or a `plan`, or in the oldest API versions one
 * `plan` and `quantity` of the subscription itself.
 */
export function readItems(subscription: ObjectFields): SubscriptionItem[] {
  const hasItems = subscription.raw('items') !== undefined;
  const parts = hasItems ? subscription.list('items') : [subscription];
  return parts.flatMap((part) => {
    const price = part.inner('price') ?? part.inner('plan');
    if (!price && hasItems) part.refuse('price');
    return price ? [readItem(part, price, subscription)] : [];
  });
}

function readItem(part: ObjectFields, price: ObjectFields, subscription: ObjectFields): SubscriptionItem {
  // A price has what a plan has itself.
  const recurring = price.inner('recurring') ?? price;
  const item: SubscriptionItem = {
    priceId: price.text('id'),
    currency: price.currency('currency') ?? '',
    unitAmount: unitAmountOf(price),
    quantity: part.count('quantity') ?? 1,
    interval: recurring.oneOf('interval', INTERVALS) ?? 'month',
    intervalCount: recurring.count('interval_count') ?? 1,
    isMetered: recurring.oneOf('usage_type', ['licensed', 'metered']) === 'metered',
    tiers: price.raw('tiers') === undefined ? null : price.list('tiers').map(readTier),
    tiersMode: price.oneOf('tiers_mode', ['graduated', 'volume']),
    package: packageOf(price.inner('transform_quantity') ?? price.inner('transform_usage')),
    inclusiveTaxPercent: inclusiveTaxOf(part, subscription),
    discounts: part === subscription ? [] : readDiscounts(part),
  };
  if (item.currency === '') price.refuse('currency');
  if (recurring.raw('interval') === undefined) recurring.refuse('interval');
  if (item.intervalCount === 0) recurring.refuse('interval_count');
  if (isBeyondAmounts(item)) part.refuse('quantity');
  return item;
}

/** The decimal is exact where the whole number is rounded or missing. */
function unitAmountOf(price: ObjectFields): string | null {
  return (
    price.decimal('unit_amount_decimal') ??
    price.decimal('unit_amount') ??
    price.decimal('amount_decimal') ??
    price.decimal('amount')
  );
}

function readTier(tier: ObjectFields): PriceTier {
  return {
    upTo: tier.count('up_to'),
    unitAmount:
      tier.decimal('unit_amount_decimal') ?? tier.decimal('unit_amount') ?? tier.decimal('amount') ?? '0',
    flatAmount: tier.decimal('flat_amount_decimal') ?? tier.decimal('flat_amount') ?? '0',
  };
}

function packageOf(transform: ObjectFields | null): SubscriptionItem['package'] {
  if (!transform) return null;
  const size = transform.count('divide_by') ?? 0;
  if (size === 0) transform.refuse('divide_by');
  return { size: Math.max(size, 1), round: transform.oneOf('round', ['up', 'down']) ?? 'up' };
}

/** The taxes of the item, else those of the subscription. */
function inclusiveTaxOf(part: ObjectFields, subscription: ObjectFields): string {
  const own = part === subscription ? [] : part.list('tax_rates');
  const rates = own.length > 0 ? own : subscription.list('default_tax_rates');
  const percents = rates
    .filter((rate) => rate.flag('inclusive'))
    .map((rate) => rate.decimal('percentage') ?? '0');
  return percents.length === 1
    ? (percents[0] as string)
    : String(percents.reduce((sum, p) => sum + Number(p), 0));
}

/** Whether a period costs more than any amount may be. */
function isBeyondAmounts({ unitAmount, tiers, quantity }: SubscriptionItem): boolean {
  const amounts = [unitAmount ?? '0', ...(tiers ?? []).map((tier) => tier.unitAmount)];
  return amounts.some((amount) => Number(amount) * quantity > AMOUNT_MAX);
}

import type { StripeSubscription } from '../../../events/stripe-subscription.js';
import { isRecord, type ReceivedEvent } from '../received-event.js';
import { translateSubscription } from './stripe-subscription.js';

/** The fields that the price of a subscription depends on, in all API versions. */
const PRICE_FIELDS = ['items', 'plan', 'quantity', 'discounts', 'discount'];

/**
 * The subscription before an update of its price, as the event shows it (`previous_attributes`); null if the event shows
 * no such update.
 */
export function earlierSubscription({
  object,
  previousAttributes,
}: ReceivedEvent): StripeSubscription | null {
  if (!isRecord(object) || previousAttributes === null) return null;
  if (!PRICE_FIELDS.some((field) => field in previousAttributes)) return null;
  const replaced = Object.entries(previousAttributes).map(([field, before]) => {
    const now = object[field];
    return [field, isRecord(before) && isRecord(now) ? { ...now, ...before } : before] as const;
  });
  const translated = translateSubscription({ ...object, ...Object.fromEntries(replaced) });
  return translated.valid ? translated.reported : null;
}

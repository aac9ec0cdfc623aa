import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import type { EventImport } from '../../events/stripe-customer.js';
import type { StripeInvoice } from '../../events/stripe-invoice.js';
import type { StripeSubscription } from '../../events/stripe-subscription.js';
import type { StoredState } from '../decision/known-billing.js';
import { type BillingRow, KNOWN_BILLING, toKnownBilling } from '../inbox/known-billing.queries.js';
import { NO_CUSTOMER as OF_NOBODY, type Translated } from '../stripe/billing/object-fields.js';
import { translateDispute } from '../stripe/billing/stripe-dispute.js';
import { translateInvoice, withKnownFailure } from '../stripe/billing/stripe-invoice.js';
import { translateSubscription } from '../stripe/billing/stripe-subscription.js';
import { BILLING_LISTED, toOwnEvent } from '../stripe/own-event.js';
import { asInEvents } from '../stripe/received-event.js';
import { customerNamedBy } from '../stripe/stripe-customer.js';
import { type Found, missing } from './found.js';
import type { StripeObject, StripePage } from './stripe-lists.service.js';

export type BillingPhase = 'subscriptions' | 'invoices' | 'disputes';

interface ListedKind<T extends object> {
  type: string;
  translate: (object: unknown, stateAt: Date) => Translated<T>;
  /** Whether an event should have reported an object in this state. */
  isExpected: (reported: T) => boolean;
  /** The parts that can be compared. */
  comparable: (listed: T, stored: T) => [listed: object, stored: object];
}

const SUBSCRIPTIONS: ListedKind<StripeSubscription> = {
  type: BILLING_LISTED.subscription,
  translate: translateSubscription,
  isExpected: () => true,
  comparable: (listed, stored) =>
    listed.isPriceKnown ? [listed, stored] : [withoutPrices(listed), withoutPrices(stored)],
};

const INVOICES: ListedKind<StripeInvoice> = {
  type: BILLING_LISTED.invoice,
  translate: (object, stateAt) => translateInvoice(object, BILLING_LISTED.invoice, stateAt.toISOString()),
  isExpected: ({ status, isPaymentFailed }) => isPaymentFailed || (status !== 'draft' && status !== 'open'),
  comparable: (listed, stored) => [withKnownFailure(listed, stored), stored],
};

const KINDS = {
  subscriptions: SUBSCRIPTIONS,
  invoices: INVOICES,
  disputes: {
    type: BILLING_LISTED.dispute,
    translate: translateDispute,
    isExpected: () => true,
    comparable: (listed: object, stored: object) => [listed, stored],
  },
} as unknown as Record<BillingPhase, ListedKind<object>>;

/** Lists cannot include tiers and the coupons of items, because Stripe expands only four levels. */
function withoutPrices(subscription: StripeSubscription): object {
  const items = subscription.items.map(({ priceId, quantity }) => ({ priceId, quantity }));
  return { ...subscription, items, discounts: [], isPriceKnown: false };
}

/** Compares a page of subscriptions, invoices or disputes with the stored ones; writes nothing. */
export async function compareBilling(
  manager: EntityManager,
  page: StripePage & { cursor: { phase: BillingPhase } },
  imported: EventImport,
): Promise<Found[]> {
  const kind = KINDS[page.cursor.phase];
  const listed = page.objects.map((object) => ({
    object,
    translated: kind.translate(asInEvents(object), page.stateAt),
  }));
  const customerIds = listed.flatMap(({ translated }) =>
    translated.valid ? translated.stripeCustomerId : [],
  );
  const livemode = page.objects[0]?.livemode ?? false;
  const stored = await readStored(manager, customerIds, page.objects, livemode);
  return listed.flatMap(({ object, translated }) => {
    const toEvent = (replaces: string) => toOwnEvent(kind.type, object, page.stateAt, imported, replaces);
    if (!translated.valid) {
      if (translated.code === OF_NOBODY) return [];
      return { ...missing(customerNamedBy(object), toEvent('unknown')), stripeObjectId: object.id };
    }
    const { stripeCustomerId, reported } = translated;
    if (stored.gone.has(stripeCustomerId)) return [];
    const known = stored.objects.get(object.id);
    const found = { ...missing(stripeCustomerId, null), stripeObjectId: object.id };
    if (!known) return kind.isExpected(reported) ? { ...found, received: toEvent('unknown') } : [];
    const fields = known.stateAt < page.stateAt ? differencesOf(kind, reported, known) : [];
    if (fields.length === 0) return [];
    return { ...found, kind: 'different' as const, fields, received: toEvent(known.stateAt.toISOString()) };
  });
}

function differencesOf(kind: ListedKind<object>, reported: object, known: StoredState): string[] {
  const [listed, stored] = kind.comparable(reported, known.reported) as [Fields, Fields];
  return Object.keys(listed).filter((name) => !isDeepStrictEqual(listed[name], stored[name]));
}

type Fields = Record<string, unknown>;

/** The stored objects of a page, and the customers whose objects are not stored any more. */
async function readStored(
  manager: EntityManager,
  customerIds: readonly string[],
  objects: readonly StripeObject[],
  livemode: boolean,
): Promise<{ objects: Map<string, StoredState>; gone: Set<string> }> {
  const rows: BillingRow[] = await manager.query(KNOWN_BILLING, [customerIds, objects.map(({ id }) => id)]);
  const ofMode = rows.filter((row) => row.livemode === livemode);
  return {
    objects: new Map(ofMode.flatMap((row) => [...toKnownBilling(row).objects])),
    gone: new Set(ofMode.filter((row) => row.has_ended).map((row) => row.stripe_customer_id)),
  };
}

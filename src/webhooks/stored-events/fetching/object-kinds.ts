import type Stripe from 'stripe';
import { hasMoreItems, readAllItems } from '../../../platform/stripe/subscription-items.js';
import { isRecord, type ReceivedEvent, textOrNull } from '../../stripe/received-event.js';

/** Reads one object from Stripe. */
type Retrieve = (sdk: Stripe, id: string, options: Stripe.RequestOptions) => Promise<Stripe.Response<object>>;

const retrieveCustomer: Retrieve = (sdk, id, options) => sdk.customers.retrieve(id, {}, options);

/** The objects that determine the price of a subscription and that events leave out, down to four levels. */
const PRICE_DETAILS = ['discounts.source.coupon', 'items.data.price.tiers'];

/** The coupons of items are on a fifth level, which only the list of items can include. */
const retrieveSubscription: Retrieve = async (sdk, id, options) => {
  const subscription = await sdk.subscriptions.retrieve(id, { expand: PRICE_DETAILS }, options);
  const hasCoupons = subscription.items.data.some(({ discounts }) => discounts.length > 0);
  if (hasCoupons || hasMoreItems(subscription)) await readAllItems(sdk, subscription, options);
  return subscription;
};

/** How to read the objects of events, by what the type of the event begins with. All others are about customers. */
const KINDS: readonly [prefix: string, retrieve: Retrieve][] = [
  ['customer.subscription.', retrieveSubscription],
  ['invoice.', (sdk, id, options) => sdk.invoices.retrieve(id, {}, options)],
  ['checkout.session.', (sdk, id, options) => sdk.checkout.sessions.retrieve(id, {}, options)],
  // Only the charge names the customer.
  ['charge.dispute.', (sdk, id, options) => sdk.disputes.retrieve(id, { expand: ['charge'] }, options)],
  ['charge.', (sdk, id, options) => sdk.charges.retrieve(id, {}, options)],
];

/** How to read an object that Stripe failed to report, by its type; undefined for kinds that are not followed. */
export function retrieveOf(objectType: string): Retrieve | undefined {
  if (objectType === 'customer') return retrieveCustomer;
  const prefix = PREFIX_BY_TYPE.get(objectType);
  return KINDS.find(([known]) => known === prefix)?.[1];
}

const PREFIX_BY_TYPE: ReadonlyMap<string, string> = new Map([
  ['subscription', 'customer.subscription.'],
  ['invoice', 'invoice.'],
  ['dispute', 'charge.dispute.'],
]);

/** How to read the object that an event is about, and its id. */
export function objectOf(
  { type, relatedObject, object }: ReceivedEvent,
  stripeCustomerId: string | null,
): { id: string; retrieve: Retrieve } {
  const snapshotType = type.replace(/^(v1|mingus)\./, '');
  const [, retrieve] = KINDS.find(([prefix]) => snapshotType.startsWith(prefix)) ?? [];
  if (!retrieve) return { id: stripeCustomerId as string, retrieve: retrieveCustomer };
  const id = relatedObject?.id ?? textOrNull(isRecord(object) ? object.id : null);
  return { id: id as string, retrieve };
}

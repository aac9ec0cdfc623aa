import { aDispute, anEventOf, anInvoice, anItem, aSubscription } from '../test/support/billing-builders.js';
import type { Fields } from '../test/support/builders.js';
import type { ExpectedLife } from '../test/support/database/invariants.js';
import type { Random } from './random.js';

const APART_SECONDS = 10;

/** The events of a subscription and its payments, and what is stored once all have been processed. */
export interface Life extends ExpectedLife {
  events: { id: string }[];
}

interface Change {
  type: string;
  status: string;
  quantity: number;
}

/**
 * A subscription begins with a trial, is paid, grows, and may fail, recover or end; a payment may be disputed. Each
 * change has its own second.
 */
export function aLife(customerId: string, random: Random): Life {
  const begin = Math.floor(Date.now() / 1000) - 100 * APART_SECONDS;
  const subscription = aSubscription(customerId, { trial_start: begin, start_date: begin });
  const changes = changesOf(random);
  const at = (index: number) => begin + index * APART_SECONDS;
  const ofSubscription = changes.map(({ type, status, quantity }, index) => {
    const ended = status === 'canceled' ? { canceled_at: at(index), ended_at: at(index) } : {};
    const object = { ...subscription, status, ...itemsOf(quantity), ...ended };
    const event = anEventOf(`customer.subscription.${type}`, object, at(index));
    const before = changes[index - 1];
    if (!before || before.quantity === quantity) return event;
    return { ...event, data: { ...(event.data as object), previous_attributes: itemsOf(before.quantity) } };
  });
  const payments = paymentsOf(customerId, changes, at, random);
  const last = changes.at(-1) as Change;
  const mrr = last.status === 'canceled' ? 0 : 1000 * last.quantity;
  const isoAt = (index: number) => new Date(at(index) * 1000).toISOString();
  return {
    events: [...ofSubscription, ...payments.events],
    stripeCustomerId: customerId,
    subscriptionId: subscription.id,
    status: last.status,
    mrr,
    payments: payments.expected,
    milestones: { trial_started: isoAt(0), first_payment: isoAt(1), upgraded: isoAt(2) },
  };
}

function changesOf(random: Random): Change[] {
  const changes: Change[] = [
    { type: 'created', status: 'trialing', quantity: 1 },
    { type: 'updated', status: 'active', quantity: 1 },
    { type: 'updated', status: 'active', quantity: 2 + random.below(5) },
  ];
  if (random.below(2) === 0) changes.push({ type: 'updated', status: 'past_due', quantity: 2 });
  if (random.below(2) === 0) changes.push({ type: 'updated', status: 'active', quantity: 3 });
  if (random.below(3) === 0) changes.push({ type: 'deleted', status: 'canceled', quantity: 3 });
  return changes;
}

/** The first invoice is paid, and perhaps disputed; an invoice of a subscription that is past due fails. */
function paymentsOf(
  customerId: string,
  changes: readonly Change[],
  at: (index: number) => number,
  random: Random,
): { events: { id: string }[]; expected: ExpectedLife['payments'] } {
  const paid = (index: number) => ({
    status: 'paid',
    amount_paid: 1000,
    status_transitions: { paid_at: at(index) },
  });
  const first = anInvoice(customerId, paid(1));
  const events = [anEventOf('invoice.paid', first, at(1))];
  const expected = [{ id: first.id, status: 'paid' }];
  const failed = changes.findIndex(({ status }) => status === 'past_due');
  if (failed !== -1) {
    const invoice = anInvoice(customerId, { status: 'open', amount_paid: 0, status_transitions: {} });
    events.push(anEventOf('invoice.payment_failed', invoice, at(failed)));
    const isRecovered = changes[failed + 1]?.status === 'active';
    if (isRecovered)
      events.push(anEventOf('invoice.paid', { ...invoice, ...paid(failed + 1) }, at(failed + 1)));
    expected.push({ id: invoice.id, status: isRecovered ? 'paid' : 'open' });
  }
  if (random.below(3) === 0) {
    const dispute = aDispute('', {
      charge: { id: `ch_${first.id}`, object: 'charge', customer: customerId },
    });
    const closed: Fields = { ...dispute, status: 'won' };
    events.push(anEventOf('charge.dispute.created', dispute, at(2)));
    events.push(anEventOf('charge.dispute.closed', closed, at(3)));
    expected.push({ id: dispute.id, status: 'won' });
  }
  return { events, expected };
}

function itemsOf(quantity: number): Fields {
  return { items: { object: 'list', has_more: false, data: [anItem({}, { quantity })] } };
}

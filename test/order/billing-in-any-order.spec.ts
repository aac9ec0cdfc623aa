import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StandingChange } from '../../src/events/billing-standing.js';
import type { EventOrigin } from '../../src/events/stripe-customer.js';
import type { StripeSubscription } from '../../src/events/stripe-subscription.js';
import { SubscriptionChanged } from '../../src/events/subscriptions/subscription-changed.event.js';
import { SubscriptionUpdateReported } from '../../src/events/subscriptions/subscription-update-reported.event.js';
import { risksOf, stageOf } from '../../src/lifecycle/lifecycle-stage.js';
import { milestonesOf } from '../../src/lifecycle/milestones.js';
import { isUpgrade, mrrOf } from '../../src/subscriptions/mrr.js';
import { decideOutcome, interpretEvent } from '../../src/webhooks/decision/event-decision.js';
import { DisputeHandler } from '../../src/webhooks/decision/handlers/billing/dispute.handler.js';
import { InvoiceHandler } from '../../src/webhooks/decision/handlers/billing/invoice.handler.js';
import { SubscriptionHandler } from '../../src/webhooks/decision/handlers/billing/subscription.handler.js';
import {
  type KnownBilling,
  NOTHING_BILLED,
  type StoredState,
} from '../../src/webhooks/decision/known-billing.js';
import type { KnownCustomer } from '../../src/webhooks/decision/known-state.js';
import { parseReceivedEvent } from '../../src/webhooks/stripe/received-event.js';
import { aDispute, anEventOf, anInvoice, anItem, aSubscription, hour } from '../support/billing-builders.js';
import type { Fields } from '../support/builders.js';
import { NOTHING_KNOWN } from '../support/database/known-state.js';
import { aCustomerRow } from '../support/database/rows.js';

const CUSTOMER: KnownCustomer = {
  id: 'our-customer',
  userId: 'user-1',
  stored: aCustomerRow(),
  stateAt: new Date(),
  stateToldBy: 'customer.created',
  isDeleted: false,
  isErased: false,
  lifecycleStage: 'onboarding',
  revenue: { revision: 0, mrr: {} },
};

const HANDLERS: [prefix: string, handler: SubscriptionHandler | InvoiceHandler | DisputeHandler][] = [
  ['customer.subscription.', new SubscriptionHandler()],
  ['invoice.', new InvoiceHandler()],
  ['charge.dispute.', new DisputeHandler()],
];

/** What a fact about billing carries. */
interface BillingFact {
  standing: StandingChange;
  origin: EventOrigin;
  subscription?: { stripeSubscriptionId: string; status: string };
  invoice?: { stripeInvoiceId: string; status: string };
  dispute?: { stripeDisputeId: string; status: string };
}

/** Decides about the events in this order, and keeps in memory what the service stores. */
function standingAfter(events: readonly Fields[]): KnownBilling['standing'] & { roseAt: string | null } {
  let roseAt: string | null = null;
  const compare = (before: StripeSubscription, after: StripeSubscription, at: string) => {
    if (isUpgrade(before, after, 'forever') && (roseAt === null || at < roseAt)) roseAt = at;
  };
  let billing = NOTHING_BILLED;
  const objects = new Map<string, StoredState>();
  for (const event of events) {
    const received = parseReceivedEvent(Buffer.from(JSON.stringify(event)), new Date());
    const [, handler] = HANDLERS.find(([prefix]) => received?.type.startsWith(prefix)) ?? [];
    if (!received || !handler) throw new Error('An event without a handler');
    const decision = decideOutcome(interpretEvent(received, handler as never), {
      ...NOTHING_KNOWN,
      customers: new Map([['test:cus_1', CUSTOMER]]),
      billing: new Map([['test:cus_1', { ...billing, objects }]]),
    });
    if (!('facts' in decision)) throw new Error('An event without a decision');
    expect(['updated', 'stale']).toContain(decision.outcome);
    for (const fact of decision.facts) {
      if (fact instanceof SubscriptionUpdateReported)
        compare(fact.before, fact.after, fact.origin.stripeCreatedAt as string);
      if (!(fact instanceof SubscriptionChanged)) continue;
      const { stripeSubscriptionId: id } = fact.subscription;
      const before = billing.standing.subscriptions.find((other) => other.stripeSubscriptionId === id);
      if (before) compare(before, fact.subscription, fact.occurredAt);
    }
    const changes = decision.facts.filter((fact) => 'standing' in fact);
    for (const fact of changes as unknown as BillingFact[]) {
      const { standing, origin, subscription, invoice, dispute } = fact;
      const reported = (subscription ?? invoice ?? dispute) as { status: string };
      const id = subscription?.stripeSubscriptionId ?? invoice?.stripeInvoiceId ?? dispute?.stripeDisputeId;
      const { stateAt, stateToldBy } = origin;
      objects.set(id as string, {
        reported,
        status: reported.status,
        stateAt: new Date(stateAt),
        stateToldBy,
      });
      billing = { ...billing, standing: standing.after };
    }
  }
  return { ...billing.standing, roseAt };
}

/** Two subscriptions with all that can happen to them; the first ends, the second is at risk. */
function aLife(): Fields[] {
  const first = aSubscription('cus_1', { trial_start: hour(0) });
  const itemsOf = (quantity: number) => {
    const [item] = (first.items as { data: Fields[] }).data;
    return { items: { object: 'list', data: [{ ...item, quantity }], has_more: false } };
  };
  const updatedTo = (quantity: number, before: number, at: number) => {
    const event = reported('customer.subscription.updated', first, at, itemsOf(quantity));
    return { ...event, data: { ...(event.data as object), previous_attributes: itemsOf(before) } };
  };
  const second = aSubscription('cus_1', { start_date: hour(40) }, [anItem({}, { quantity: 2 })]);
  const failed = anInvoice('cus_1', { status: 'open', amount_paid: 0, status_transitions: {} });
  const paidAt = (at: number) => ({
    status: 'paid',
    amount_paid: 1000,
    status_transitions: { paid_at: hour(at) },
  });
  const dispute = { ...aDispute('ch_1'), charge: { id: 'ch_1', customer: 'cus_1' } };
  const reported = (type: string, object: Fields, at: number, fields: Fields = {}) =>
    anEventOf(type, { ...object, ...fields }, hour(at));
  return [
    reported('customer.subscription.created', first, 0, { status: 'trialing' }),
    reported('customer.subscription.updated', first, 5),
    reported('invoice.paid', anInvoice('cus_1', paidAt(5)), 5),
    updatedTo(3, 1, 6),
    updatedTo(1, 3, 8),
    reported('invoice.payment_failed', failed, 10),
    reported('customer.subscription.updated', first, 11, { status: 'past_due' }),
    reported('invoice.paid', failed, 12, paidAt(12)),
    reported('customer.subscription.updated', first, 13),
    reported('customer.subscription.deleted', first, 30, { status: 'canceled', ended_at: hour(30) }),
    reported('customer.subscription.created', second, 40, { status: 'incomplete' }),
    reported('customer.subscription.updated', second, 41),
    reported('customer.subscription.updated', second, 45, { cancel_at_period_end: true }),
    reported('charge.dispute.created', dispute, 50),
    reported('charge.dispute.closed', dispute, 55, { status: 'won' }),
  ];
}

/** Sets have no order. */
function toSet({ subscriptions, failedInvoices, openDisputes, firstPaidAt }: KnownBilling['standing']) {
  const byId = subscriptions.map((one) => [one.stripeSubscriptionId, one] as const);
  return {
    subscriptions: Object.fromEntries(byId),
    failedInvoices: failedInvoices.toSorted(),
    openDisputes: openDisputes.toSorted(),
    firstPaidAt,
  };
}

describe('the events of a life', () => {
  it('give one stage, revenue, risk and set of milestones in any order, with duplicates', () => {
    const life = aLife();
    const inOrder = standingAfter(life);
    expect(inOrder.roseAt).toBe(new Date(hour(6) * 1000).toISOString());
    expect(stageOf(inOrder)).toBe('at_risk');
    expect(risksOf(inOrder)).toEqual(['cancellation_scheduled']);
    expect(mrrOf(inOrder.subscriptions, 'forever')).toEqual({ usd: 2000 });
    expect(milestonesOf(inOrder)).toEqual({
      trial_started: new Date(hour(0) * 1000).toISOString(),
      first_payment: new Date(hour(5) * 1000).toISOString(),
      reactivated: new Date(hour(40) * 1000).toISOString(),
    });
    const everyEvent = fc.shuffledSubarray(life, { minLength: life.length });
    const orders = fc
      .tuple(everyEvent, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }))
      .map(([order, duplicates]) => {
        const events = [...order];
        for (const [which, where] of duplicates)
          events.splice(where % (events.length + 1), 0, life[which % life.length] as Fields);
        return events;
      });

    fc.assert(
      fc.property(orders, (events) => {
        const standing = standingAfter(events);
        expect(toSet(standing)).toEqual(toSet(inOrder));
        expect(standing.roseAt).toBe(inOrder.roseAt);
        expect(stageOf(standing)).toBe('at_risk');
        expect(mrrOf(standing.subscriptions, 'forever')).toEqual({ usd: 2000 });
        expect(milestonesOf(standing)).toEqual(milestonesOf(inOrder));
      }),
      { numRuns: 200 },
    );
  });
});

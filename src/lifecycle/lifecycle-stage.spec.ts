import { describe, expect, it } from 'vitest';
import type { BillingStanding } from '../events/billing-standing.js';
import type { StripeSubscription, SubscriptionStatus } from '../events/stripe-subscription.js';
import { leftAt, risksOf, stageOf } from './lifecycle-stage.js';
import { allMilestones, milestonesOf } from './milestones.js';

const PAID = '2026-01-15T08:00:00.000Z';
const EARLIER = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';

function subscription(
  status: SubscriptionStatus,
  fields: Partial<StripeSubscription> = {},
): StripeSubscription {
  return {
    stripeSubscriptionId: `sub_${status}`,
    status,
    items: [],
    discounts: [],
    cancelAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    trialStart: null,
    trialEnd: null,
    currentPeriodEnd: null,
    isCollectionPaused: false,
    startedAt: EARLIER,
    testClock: null,
    isPriceKnown: true,
    ...fields,
  };
}

function standing(
  statuses: readonly SubscriptionStatus[],
  fields: Partial<BillingStanding> = {},
): BillingStanding {
  const subscriptions = statuses.map((status) => subscription(status));
  return { subscriptions, failedInvoices: [], openDisputes: [], firstPaidAt: null, ...fields };
}

const paid = { firstPaidAt: PAID };
const failed = { failedInvoices: ['in_1'] };

describe('the stage of a customer', () => {
  it.each<[string, BillingStanding, string]>([
    ['without a subscription', standing([]), 'onboarding'],
    ['who paid, without a subscription', standing([], paid), 'onboarding'],
    ['with a first payment to make', standing(['incomplete']), 'onboarding'],
    ['with a first payment to make again', standing(['canceled', 'incomplete'], paid), 'onboarding'],
    ['on trial', standing(['trialing']), 'trialing'],
    ['on trial who paid before', standing(['canceled', 'trialing'], paid), 'trialing'],
    ['on trial with a failed invoice', standing(['trialing'], failed), 'trialing'],
    ['active', standing(['active'], paid), 'active'],
    ['active without a payment', standing(['active']), 'active'],
    ['active and past due', standing(['past_due', 'active']), 'active'],
    ['active with a failed invoice', standing(['active'], failed), 'at_risk'],
    ['active with a dispute', standing(['active'], { openDisputes: ['du_1'] }), 'at_risk'],
    ['past due', standing(['past_due'], paid), 'past_due'],
    ['past due with a failed invoice', standing(['past_due'], failed), 'past_due'],
    ['past due and on trial', standing(['trialing', 'past_due']), 'past_due'],
    ['paused who paid', standing(['paused'], paid), 'paused'],
    ['paused who never paid', standing(['paused']), 'lapsed'],
    ['unpaid who paid', standing(['unpaid'], paid), 'churned'],
    ['unpaid who never paid', standing(['unpaid']), 'lapsed'],
    ['whose subscriptions ended, who paid', standing(['canceled', 'unpaid'], paid), 'churned'],
    ['whose subscription ended, who never paid', standing(['canceled']), 'lapsed'],
    ['whose first payment was never made', standing(['incomplete_expired']), 'lapsed'],
  ])('%s', (_, known, stage) => {
    expect(stageOf(known)).toBe(stage);
  });

  it.each<[string, Partial<StripeSubscription>, string[]]>([
    ['cancellation at the end of the period', { cancelAtPeriodEnd: true }, ['cancellation_scheduled']],
    ['cancellation at a time', { cancelAt: LATER }, ['cancellation_scheduled']],
    ['paused collection', { isCollectionPaused: true }, ['collection_paused']],
  ])('is at risk by %s', (_, fields, risks) => {
    const known = standing([], { subscriptions: [subscription('active', fields)] });

    expect(stageOf(known)).toBe('at_risk');
    expect(risksOf(known)).toEqual(risks);
  });

  it('is not at risk by a subscription that is not active', () => {
    const subscriptions = [subscription('active'), subscription('canceled', { cancelAtPeriodEnd: true })];
    expect(stageOf(standing([], { subscriptions }))).toBe('active');
    expect(risksOf(standing(['past_due'], failed))).toEqual([]);
  });

  it('began to be over with the end of the last subscription', () => {
    const ended = [
      subscription('canceled', { endedAt: EARLIER }),
      subscription('canceled', { endedAt: LATER }),
    ];
    expect(leftAt(standing([], { subscriptions: ended }))).toBe(LATER);
    expect(leftAt(standing(['unpaid']))).toBeNull();
    expect(leftAt(standing([]))).toBeNull();
  });
});

describe('milestones', () => {
  it('are all there, also where earlier releases stored fewer', () => {
    expect(allMilestones({ created: EARLIER })).toEqual({
      created: EARLIER,
      welcomed: null,
      portal_accessed: null,
      first_login: null,
      activated: null,
      trial_started: null,
      first_payment: null,
      upgraded: null,
      reactivated: null,
    });
  });

  it('follow from the first trial and the first payment', () => {
    const subscriptions = [
      subscription('active', { trialStart: LATER }),
      subscription('canceled', { trialStart: EARLIER }),
    ];
    expect(milestonesOf(standing([], { subscriptions, ...paid }))).toEqual({
      trial_started: EARLIER,
      first_payment: PAID,
    });
  });

  it.each<[string, StripeSubscription[], string | null, string | undefined]>([
    [
      'a subscription begins after all have ended',
      [subscription('canceled', { endedAt: LATER }), subscription('active', { startedAt: LATER })],
      PAID,
      LATER,
    ],
    [
      'another one is still there',
      [subscription('active'), subscription('active', { startedAt: LATER })],
      PAID,
      undefined,
    ],
    [
      'nothing was ever paid',
      [subscription('canceled', { endedAt: LATER }), subscription('active', { startedAt: LATER })],
      null,
      undefined,
    ],
    [
      'the new one was never paid',
      [
        subscription('canceled', { endedAt: LATER }),
        subscription('incomplete_expired', { startedAt: LATER }),
      ],
      PAID,
      undefined,
    ],
  ])('include a return when %s', (_, subscriptions, firstPaidAt, reactivated) => {
    expect(milestonesOf(standing([], { subscriptions, firstPaidAt })).reactivated).toBe(reactivated);
  });
});

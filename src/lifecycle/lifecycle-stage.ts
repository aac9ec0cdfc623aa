import type { BillingStanding } from '../events/billing-standing.js';
import type { LifecycleStage } from '../events/lifecycle/lifecycle-names.js';
import type { StripeSubscription, SubscriptionStatus } from '../events/stripe-subscription.js';

/** What changed the stage. */
export type LifecycleTrigger =
  'customer_created' | 'customer_deleted' | 'subscription_changed' | 'invoice_changed' | 'dispute_changed';

/** Why an active customer may leave. */
export type Risk = 'cancellation_scheduled' | 'collection_paused' | 'payment_failed' | 'dispute_open';

/** The stage of a customer that was deleted or erased; nothing else matters then. */
export const LAST_STAGE: LifecycleStage = 'churned';

interface Facts {
  has: (status: SubscriptionStatus) => boolean;
  isNew: boolean;
  hasPaid: boolean;
  hasRisk: boolean;
}

/** The stages of a customer that exists; the first that applies is the customer's. */
const STAGES: readonly [LifecycleStage, (facts: Facts) => boolean][] = [
  ['at_risk', ({ has, hasRisk }) => has('active') && hasRisk],
  ['active', ({ has }) => has('active')],
  ['past_due', ({ has }) => has('past_due')],
  ['trialing', ({ has }) => has('trialing')],
  ['paused', ({ has, hasPaid }) => has('paused') && hasPaid],
  ['onboarding', ({ has, isNew }) => has('incomplete') || isNew],
  ['churned', ({ hasPaid }) => hasPaid],
];

/** A function of what is known, never of the order in which it became known. */
export function stageOf(standing: BillingStanding): LifecycleStage {
  const { subscriptions, firstPaidAt } = standing;
  const facts: Facts = {
    has: (status) => subscriptions.some((subscription) => subscription.status === status),
    isNew: subscriptions.length === 0,
    hasPaid: firstPaidAt !== null,
    hasRisk: risksOf(standing).length > 0,
  };
  return STAGES.find(([, applies]) => applies(facts))?.[0] ?? 'lapsed';
}

/** Why the customer may leave; empty for customers without an active subscription, who have nothing to leave. */
export function risksOf({ subscriptions, failedInvoices, openDisputes }: BillingStanding): Risk[] {
  const active = subscriptions.filter(({ status }) => status === 'active');
  if (active.length === 0) return [];
  const risks: [Risk, boolean][] = [
    ['cancellation_scheduled', active.some(isCancellationScheduled)],
    ['collection_paused', active.some(({ isCollectionPaused }) => isCollectionPaused)],
    ['payment_failed', failedInvoices.length > 0],
    ['dispute_open', openDisputes.length > 0],
  ];
  return risks.flatMap(([risk, isThere]) => (isThere ? risk : []));
}

function isCancellationScheduled({ cancelAt, cancelAtPeriodEnd }: StripeSubscription): boolean {
  return cancelAtPeriodEnd || cancelAt !== null;
}

/**
 * When the customer left, where all subscriptions have ended: the end of the last. Null otherwise; the stage then
 * began with the event.
 */
export function leftAt({ subscriptions }: BillingStanding): string | null {
  const ends = subscriptions.map(({ endedAt }) => endedAt);
  return ends.includes(null) ? null : (ends.toSorted().at(-1) ?? null);
}

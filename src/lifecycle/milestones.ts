import type { BillingStanding } from '../events/billing-standing.js';
import { type Milestone, MILESTONES } from '../events/lifecycle/lifecycle-names.js';

/** The milestones that this service recognises by itself. MINGUS reports all others. */
export const COMPUTED_MILESTONES = [
  'created',
  'welcomed',
  'portal_accessed',
  'trial_started',
  'first_payment',
  'upgraded',
  'reactivated',
] as const;

/** When each was reached (ISO 8601); null is "not yet". */
export type Milestones = Record<Milestone, string | null>;

/** All milestones, with those that are stored: a row holds only what was reached. */
export function allMilestones(stored: Partial<Milestones>): Milestones {
  return { ...NONE, ...stored };
}

const NONE = Object.fromEntries(MILESTONES.map((name) => [name, null])) as Milestones;

/** Milestones that follow from what is known of a customer's subscriptions and payments. */
export function milestonesOf({
  subscriptions,
  firstPaidAt,
}: BillingStanding): Partial<Record<Milestone, string>> {
  const trialStartedAt = earliest(subscriptions.map(({ trialStart }) => trialStart));
  const addedAt = additionOf(subscriptions);
  const reactivatedAt = reactivationOf(subscriptions, firstPaidAt);
  return {
    ...(trialStartedAt ? { trial_started: trialStartedAt } : {}),
    ...(firstPaidAt ? { first_payment: firstPaidAt } : {}),
    ...(addedAt ? { upgraded: addedAt } : {}),
    ...(reactivatedAt ? { reactivated: reactivatedAt } : {}),
  };
}

/** A customer who had paid came back: a subscription was active that began when all before it had ended. */
function reactivationOf(
  subscriptions: BillingStanding['subscriptions'],
  firstPaidAt: string | null,
): string | null {
  if (firstPaidAt === null) return null;
  const returns = subscriptions.filter(({ status, startedAt }) => {
    if (startedAt === null || startedAt <= firstPaidAt || !CAME_BACK.has(status)) return false;
    const before = subscriptions.filter((other) => other.startedAt !== null && other.startedAt < startedAt);
    return before.length > 0 && before.every(({ endedAt }) => endedAt !== null && endedAt <= startedAt);
  });
  return earliest(returns.map(({ startedAt }) => startedAt));
}

/** A further subscription began while another one was going on. */
function additionOf(subscriptions: BillingStanding['subscriptions']): string | null {
  const begun = subscriptions.filter(({ status }) => !NEVER_BEGUN.has(status));
  const added = begun.filter(({ startedAt }) =>
    begun.some(
      (other) =>
        startedAt !== null &&
        other.startedAt !== null &&
        other.startedAt < startedAt &&
        (other.endedAt === null || other.endedAt > startedAt),
    ),
  );
  return earliest(added.map(({ startedAt }) => startedAt));
}

const NEVER_BEGUN: ReadonlySet<string> = new Set(['incomplete', 'incomplete_expired']);

const CAME_BACK: ReadonlySet<string> = new Set(['active', 'past_due', 'unpaid', 'canceled']);

/** Of times in ISO 8601, which sort as texts. */
function earliest(times: readonly (string | null)[]): string | null {
  return times.filter((time) => time !== null).toSorted()[0] ?? null;
}

export type LifecycleStage = 'onboarding' | 'active' | 'at_risk' | 'churned';

export type LifecycleTrigger =
  'customer_created' | 'first_payment' | 'payment_failed' | 'payment_recovered' | 'customer_deleted';

/** What a customer can reach, in the order of the journey; the value is when it was reached (ISO 8601). */
export type Milestone = 'created' | 'welcomed' | 'portal_accessed' | 'first_payment';
export type Milestones = Record<Milestone, string | null>;

/** The whole life of a customer: from which stage which trigger leads where. `null` is "not yet". */
const TRANSITIONS: Record<LifecycleTrigger, Partial<Record<LifecycleStage | 'none', LifecycleStage>>> = {
  customer_created: { none: 'onboarding' },
  first_payment: { onboarding: 'active' },
  payment_failed: { onboarding: 'at_risk', active: 'at_risk' },
  payment_recovered: { at_risk: 'active' },
  customer_deleted: { onboarding: 'churned', active: 'churned', at_risk: 'churned' },
};

/** The stage that `trigger` leads to, or null where it changes nothing. */
export function nextStage(from: LifecycleStage | null, trigger: LifecycleTrigger): LifecycleStage | null {
  return TRANSITIONS[trigger][from ?? 'none'] ?? null;
}

/** Milestones of a customer created at `createdAt`. */
export function initialMilestones(createdAt: Date): Milestones {
  return { created: createdAt.toISOString(), welcomed: null, portal_accessed: null, first_payment: null };
}

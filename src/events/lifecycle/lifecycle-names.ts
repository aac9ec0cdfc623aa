/** The stages of a customer, which follow from its subscriptions and payments. */
export const LIFECYCLE_STAGES = [
  'onboarding',
  'trialing',
  'active',
  'at_risk',
  'past_due',
  'paused',
  'churned',
  'lapsed',
] as const;

export type LifecycleStage = (typeof LIFECYCLE_STAGES)[number];

/** The stage of a new customer. */
export const FIRST_STAGE: LifecycleStage = 'onboarding';

/** What a customer can reach, in the order of the journey. */
export const MILESTONES = [
  'created',
  'welcomed',
  'portal_accessed',
  'first_login',
  'activated',
  'trial_started',
  'first_payment',
  'upgraded',
  'reactivated',
] as const;

export type Milestone = (typeof MILESTONES)[number];

/** The kinds of messages that a new customer gets, once per user and channel. */
export const ONBOARDING_KINDS = ['welcome', 'onboarding_guide', 'portal_access'] as const;

export type OnboardingKind = (typeof ONBOARDING_KINDS)[number];

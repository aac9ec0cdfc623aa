import type { TargetDefinition } from './target-definition.js';

/** A paying customer leaves. */
export const CHURNS: TargetDefinition = {
  target: 'churns',
  title: 'churns within 30 days',
  windowDays: 30,
  everyDays: 30,
  what: { kind: 'stage', from: ['active', 'past_due', 'at_risk'], to: 'churned' },
};

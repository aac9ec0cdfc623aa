import type { TargetDefinition } from './target-definition.js';

/** A new customer reaches the milestone that MINGUS reports as the activation. */
export const ACTIVATES: TargetDefinition = {
  target: 'activates',
  title: 'activates within 14 days',
  windowDays: 14,
  everyDays: 4,
  what: { kind: 'milestone', milestone: 'activated', maxAgeDays: 28 },
};

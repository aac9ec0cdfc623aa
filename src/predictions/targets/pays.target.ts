import type { TargetDefinition } from './target-definition.js';

/** A new customer pays for the first time. */
export const PAYS: TargetDefinition = {
  target: 'pays',
  title: 'pays within 30 days',
  windowDays: 30,
  everyDays: 10,
  what: { kind: 'milestone', milestone: 'first_payment', maxAgeDays: 60 },
};

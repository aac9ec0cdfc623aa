import { describe, expect, it } from 'vitest';
import {
  initialMilestones,
  type LifecycleStage,
  type LifecycleTrigger,
  nextStage,
} from './lifecycle-stage.js';

/** The whole life of a customer, as the product describes it; `null` changes nothing. */
const WALK: Record<LifecycleTrigger, [from: LifecycleStage | null, to: LifecycleStage | null][]> = {
  customer_created: [
    [null, 'onboarding'],
    ['onboarding', null],
    ['active', null],
    ['at_risk', null],
    ['churned', null],
  ],
  first_payment: [
    [null, null],
    ['onboarding', 'active'],
    ['active', null],
    ['at_risk', null],
    ['churned', null],
  ],
  payment_failed: [
    [null, null],
    ['onboarding', 'at_risk'],
    ['active', 'at_risk'],
    ['at_risk', null],
    ['churned', null],
  ],
  payment_recovered: [
    [null, null],
    ['onboarding', null],
    ['active', null],
    ['at_risk', 'active'],
    ['churned', null],
  ],
  customer_deleted: [
    [null, null],
    ['onboarding', 'churned'],
    ['active', 'churned'],
    ['at_risk', 'churned'],
    ['churned', null],
  ],
};
const STEPS = Object.entries(WALK).flatMap(([trigger, steps]) =>
  steps.map(([from, to]) => [trigger as LifecycleTrigger, from, to] as const),
);

describe('the lifecycle', () => {
  it.each(STEPS)('%s leads from %s to %s', (trigger, from, to) => {
    expect(nextStage(from, trigger)).toBe(to);
  });

  it('starts with onboarding and nothing else', () => {
    expect(STEPS.filter(([, from, to]) => from === null && to !== null).map(([trigger]) => trigger)).toEqual([
      'customer_created',
    ]);
  });

  it('begins with the milestone of the creation reached, the others not yet', () => {
    expect(initialMilestones(new Date('2027-01-15T08:00:00Z'))).toEqual({
      created: '2027-01-15T08:00:00.000Z',
      welcomed: null,
      portal_accessed: null,
      first_payment: null,
    });
  });
});

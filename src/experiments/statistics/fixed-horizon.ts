import { studentCritical, studentTwoSided } from './distributions.js';
import type { Lift } from './lift.js';
import type { Significance } from './significance.js';

/** Welch's t test. Its error rate holds for one look, at an end that was chosen before the start. */
export function fixedHorizon(lift: Lift, alpha: number): Significance {
  const { estimate, standardError, degreesOfFreedom } = lift;
  const halfWidth = standardError * studentCritical(alpha, degreesOfFreedom);
  return {
    interval: [estimate - halfWidth, estimate + halfWidth],
    p: studentTwoSided(estimate / standardError, degreesOfFreedom),
  };
}

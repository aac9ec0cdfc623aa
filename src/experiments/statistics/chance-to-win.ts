import { normalCdf, normalDensity } from './distributions.js';
import type { Lift } from './lift.js';

/** What a lift says to a decision, in the words of Bayes: a flat prior, and a normal posterior. */
export interface Chances {
  /** The probability that the arm is better than the control. */
  toWin: number;
  /** The expected loss, as a relative lift, of keeping the control where the arm is better. */
  riskOfControl: number;
  /** The expected loss, as a relative lift, of choosing the arm where the control is better. */
  riskOfArm: number;
}

export function chancesOf({ estimate, standardError }: Lift): Chances {
  const z = estimate / standardError;
  const expectedPart = (side: 1 | -1) =>
    Math.max(0, side * estimate * normalCdf(side * z) + standardError * normalDensity(z));
  return { toWin: normalCdf(z), riskOfControl: expectedPart(1), riskOfArm: expectedPart(-1) };
}

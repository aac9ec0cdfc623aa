import { normalCdf } from './distributions.js';
import { oneSidedDistance } from './sequential.js';
import type { StratifiedArms } from './strata.js';
import type { Unknown } from './unknown.js';

/** A metric that an arm must not worsen. */
export interface GuardrailRule {
  harmfulWhen: 'higher' | 'lower';
  /** The relative change that is accepted: 0.05 is five percent of the control's mean. */
  margin: number;
}

/** Whether an arm harms by more than the margin. */
export interface GuardrailResult {
  /** The share of the control's mean by which the arm exceeds the margin; null where that mean is 0. */
  excess: number | null;
  /** The probability that the arm harms by more than the margin. */
  chanceOfHarm: number;
  verdict: 'safe' | 'open' | 'harmed';
}

/**
 * The contrast m_b − (1 + margin) m_a against 0, in both directions and one-sided, at all looks together. It needs no
 * division by m_a, so that the first complaints are seen where the control has none.
 */
export function guardrail(
  { control, arm, covariance }: StratifiedArms,
  { harmfulWhen, margin }: GuardrailRule,
  alpha: number,
): GuardrailResult | Unknown {
  if (control.n === 0 || arm.n === 0) return { unknown: 'no_units' };
  if (control.n === 1 || arm.n === 1) return { unknown: 'too_few_units' };
  const side = harmfulWhen === 'higher' ? 1 : -1;
  const accepted = 1 + side * margin * Math.sign(control.mean);
  const harm = side * (arm.mean - accepted * control.mean);
  const variance =
    arm.variance / arm.n + (accepted ** 2 * control.variance) / control.n - 2 * accepted * covariance;
  if (!(variance > 0)) return { unknown: 'no_variance' };
  const z = harm / Math.sqrt(variance);
  const distance = oneSidedDistance(control.n + arm.n, alpha);
  return {
    excess: control.mean === 0 ? null : harm / Math.abs(control.mean),
    chanceOfHarm: normalCdf(z),
    verdict: verdictOf(z, distance),
  };
}

function verdictOf(z: number, distance: number): GuardrailResult['verdict'] {
  if (z > distance) return 'harmed';
  return z < -distance ? 'safe' : 'open';
}

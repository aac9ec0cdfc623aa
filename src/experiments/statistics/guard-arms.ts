import { guardrail, type GuardrailResult, type GuardrailRule } from './guardrail.js';
import { type ArmDay, type AssignedDay, RunningTotals } from './running-totals.js';
import { postStratify } from './strata.js';
import type { Metric } from './summary.js';
import type { Unknown } from './unknown.js';

/** A guardrail of an arm at the end of a day. */
export interface GuardedArm {
  arm: string;
  /** Units whose window has closed. */
  units: number;
  /** Units whose window has not closed. */
  open: number;
  /** Null without units. */
  mean: number | null;
  /** Null for the control. */
  result: GuardrailResult | Unknown | null;
}

/** How a guardrail is judged. */
export interface GuardingRule extends GuardrailRule {
  metric: Metric;
  /** The arms, the control first. */
  arms: readonly string[];
  alpha: number;
}

/**
 * Judges the guardrail of each arm at the end of the day. The error rate holds for each arm alone: a correction for the
 * number of guardrails would hide harm.
 */
export function guardArms(
  armDays: readonly ArmDay[],
  assigned: readonly AssignedDay[],
  day: string,
  rule: GuardingRule,
): GuardedArm[] {
  const totals = new RunningTotals(armDays, assigned);
  totals.advanceTo(day);
  const control = totals.strataOf(rule.arms[0] ?? '');
  return rule.arms.map((arm, index) => {
    const { units, open, sum } = totals.countsOf(arm);
    const stratified = () => postStratify(rule.metric, control, totals.strataOf(arm));
    const result = index === 0 ? null : guardrail(stratified(), rule, rule.alpha);
    return { arm, units, open, mean: units === 0 ? null : sum / units, result };
  });
}

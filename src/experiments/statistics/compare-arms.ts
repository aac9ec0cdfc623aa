import { type Chances, chancesOf } from './chance-to-win.js';
import { fixedHorizon } from './fixed-horizon.js';
import { holm } from './holm.js';
import { isBaselineKnown, liftOf } from './lift.js';
import { type ArmCounts, type ArmDay, type AssignedDay, RunningTotals } from './running-totals.js';
import { sequential } from './sequential.js';
import type { Significance } from './significance.js';
import { postStratify, type StratifiedArms } from './strata.js';
import type { Metric } from './summary.js';
import { isUnknown, type Unknown } from './unknown.js';

/** How a goal is compared. */
export interface ComparisonRule {
  metric: Metric;
  /** The arms, the control first. */
  arms: readonly string[];
  method: 'sequential' | 'fixed';
  alpha: number;
}

/** An arm against the control. */
export interface Comparison extends Significance {
  lift: number;
  chances: Chances;
  /** Corrected for the number of goals and arms; equal to `p` until `adjustOverGoals`. */
  adjustedP: number;
  /** The number of strata over which the lift is estimated. */
  strata: number;
}

/** An arm at the end of a day. */
export interface ArmResult {
  arm: string;
  /** Units whose window has closed. */
  units: number;
  /** Units whose window has not closed. */
  open: number;
  /** Null for means. */
  conversions: number | null;
  /** As counted, before post-stratification; null without units. */
  mean: number | null;
  /** Null for the control. */
  comparison: Comparison | Unknown | null;
}

export interface DayResult {
  day: string;
  arms: ArmResult[];
}

const METHODS = { sequential, fixed: fixedHorizon };

/**
 * Compares the arms at the end of each day of the calendar, over all units whose window had closed by then. Each p is the
 * smallest one so far where the method is sequential: a lift that was significant once stays so.
 */
export function compareArms(
  armDays: readonly ArmDay[],
  assigned: readonly AssignedDay[],
  calendar: readonly string[],
  rule: ComparisonRule,
): DayResult[] {
  const totals = new RunningTotals(armDays, assigned);
  const smallest = new Map<string, number>();
  return calendar.map((day) => {
    totals.advanceTo(day);
    const arms = rule.arms.map((arm, index) => ({
      arm,
      ...figuresOf(totals.countsOf(arm), rule.metric),
      comparison: index === 0 ? null : compareAt(totals, arm, rule, smallest),
    }));
    return { day, arms };
  });
}

/** Corrects the p-values of each day over all goals and arms. All goals have the same calendar. */
export function adjustOverGoals(goals: readonly DayResult[][]): DayResult[][] {
  const adjusted = (goals[0] ?? []).map((_, index) =>
    adjustDay(goals.map((days) => days[index]?.arms ?? [])),
  );
  return goals.map((days, goal) =>
    days.map(({ day }, index) => ({ day, arms: adjusted[index]?.[goal] ?? [] })),
  );
}

/** A comparison that is not known counts like one with p = 1, so that it makes no other p larger when it is known. */
function adjustDay(goals: readonly ArmResult[][]): ArmResult[][] {
  const compared = goals.flat().filter(({ comparison }) => comparison !== null);
  const ps = holm(compared.map(({ comparison }) => pOf(comparison)));
  const adjustedOf = new Map(compared.map((result, index) => [result, ps[index] ?? 1]));
  return goals.map((arms) =>
    arms.map((result) => {
      const { comparison } = result;
      if (comparison === null || isUnknown(comparison)) return result;
      return { ...result, comparison: { ...comparison, adjustedP: adjustedOf.get(result) ?? 1 } };
    }),
  );
}

function pOf(comparison: ArmResult['comparison']): number {
  return comparison === null || isUnknown(comparison) ? 1 : comparison.p;
}

function figuresOf({ units, open, sum }: ArmCounts, metric: Metric) {
  return {
    units,
    open,
    conversions: metric === 'proportion' ? sum : null,
    mean: units === 0 ? null : sum / units,
  };
}

function compareAt(
  totals: RunningTotals,
  arm: string,
  { metric, arms: [control = ''], method, alpha }: ComparisonRule,
  smallest: Map<string, number>,
): Comparison | Unknown {
  const stratified = postStratify(metric, totals.strataOf(control), totals.strataOf(arm));
  const comparison = compareStratified(stratified, method, alpha);
  if (isUnknown(comparison) || method === 'fixed') return comparison;
  const p = Math.min(comparison.p, smallest.get(arm) ?? 1);
  smallest.set(arm, p);
  return { ...comparison, p, adjustedP: p };
}

function compareStratified(
  { control, arm, covariance, strata }: StratifiedArms,
  method: ComparisonRule['method'],
  alpha: number,
): Comparison | Unknown {
  const lift = liftOf(control, arm, covariance);
  if (isUnknown(lift)) return lift;
  if (!isBaselineKnown(control)) return { unknown: 'baseline_is_uncertain' };
  const { interval, p } = METHODS[method](lift, alpha);
  return { lift: lift.estimate, interval, p, adjustedP: p, chances: chancesOf(lift), strata };
}

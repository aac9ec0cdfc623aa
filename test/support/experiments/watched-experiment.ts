import { compareArms, type ComparisonRule } from '../../../src/experiments/statistics/compare-arms.js';
import type { ArmDays } from '../../../src/experiments/statistics/running-totals.js';
import { isUnknown } from '../../../src/experiments/statistics/unknown.js';
import { calendarOf, SIMULATED_ARMS, type Simulation } from './simulated-experiment.js';

/** What daily looks at an experiment show. */
export interface Watched {
  /** The first day whose interval does not contain 0, counted from 1; null if none. */
  significantOn: number | null;
  /** Whether the intervals of all days contain the true lift. */
  isCoveredAlways: boolean;
  isCoveredAtEnd: boolean;
}

/** Looks at an experiment at the end of each day. */
export function watch(armDays: ArmDays, simulation: Simulation, method: ComparisonRule['method']): Watched {
  const rule: ComparisonRule = { metric: simulation.metric, arms: SIMULATED_ARMS, method, alpha: 0.05 };
  const intervals = compareArms(armDays, [], calendarOf(simulation.days), rule).map(({ arms }) => {
    const comparison = arms[1]?.comparison;
    return comparison && !isUnknown(comparison) ? comparison.interval : ([-Infinity, Infinity] as const);
  });
  const contains = (value: number) => intervals.map(([lower, upper]) => lower <= value && value <= upper);
  const withoutZero = contains(0).indexOf(false);
  return {
    significantOn: withoutZero === -1 ? null : withoutZero + 1,
    isCoveredAlways: contains(simulation.lift).every(Boolean),
    isCoveredAtEnd: contains(simulation.lift).at(-1) ?? true,
  };
}

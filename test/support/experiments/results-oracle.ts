import { compareArms, type ComparisonRule } from '../../../src/experiments/statistics/compare-arms.js';
import { DAY_MS, type Happening, type Unit } from './experiment-history.js';

/** What is counted, in terms of happenings. */
export interface Counted {
  kinds: readonly Happening['kind'][];
  withinDays: number;
  metric: ComparisonRule['metric'];
}

/** The results of a goal at the end of each day, unit by unit. */
export function expectedDays(
  units: readonly Unit[],
  counted: Counted,
  { arms, days, asOf }: { arms: readonly string[]; days: readonly string[]; asOf: Date },
) {
  const closed = units.flatMap((unit) => {
    const closesAt = new Date(unit.assignedAt.getTime() + counted.withinDays * DAY_MS);
    if (closesAt > asOf) return [];
    const value = valueOf(unit, counted, closesAt);
    const { phase, source, country, userAge } = unit;
    return {
      arm: arms[unit.arm] ?? '',
      stratum: JSON.stringify([phase, source, country, userAge]),
      day: dateOf(closesAt),
      units: 1,
      sum: value,
      sumOfSquares: value * value,
    };
  });
  const assigned = units.map(({ arm, assignedAt }) => ({
    arm: arms[arm] ?? '',
    day: dateOf(assignedAt),
    units: 1,
  }));
  const rule = { metric: counted.metric, arms, method: 'sequential', alpha: 0.05 } as const;
  return compareArms(closed, assigned, days, rule);
}

function valueOf({ assignedAt, happenings }: Unit, { kinds, metric }: Counted, closesAt: Date): number {
  const own = happenings.filter(({ kind, at }) => kinds.includes(kind) && at < closesAt);
  if (metric === 'mean') return own.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return Number(own.some(({ at }) => at >= assignedAt));
}

function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

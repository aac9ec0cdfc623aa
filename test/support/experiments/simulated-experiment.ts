import type { Random } from '../../../chaos/random.js';
import type { ArmDays } from '../../../src/experiments/statistics/running-totals.js';
import type { Metric } from '../../../src/experiments/statistics/summary.js';

/** An experiment whose true lift is known. */
export interface Simulation {
  metric: Metric;
  days: number;
  unitsPerArmAndDay: number;
  /** The share of the control's units that convert, by stratum. The strata are equally large. */
  rates: readonly number[];
  /** The true relative lift of arm b. */
  lift: number;
}

export const SIMULATED_ARMS = ['a', 'b'];

const DAY_MS = 86_400_000;

export function calendarOf(days: number): string[] {
  return Array.from({ length: days }, (_, day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
}

/** Draws each unit. An amount is paid by units that convert: 10 to 20 mostly, ten times that of one in 20. */
export function simulate(random: Random, simulation: Simulation): ArmDays {
  const { metric, days, unitsPerArmAndDay, rates } = simulation;
  return calendarOf(days).flatMap((day) =>
    SIMULATED_ARMS.flatMap((arm) => {
      const strata = rates.map((_, stratum) => ({
        arm,
        day,
        stratum: `stratum_${stratum}`,
        units: 0,
        sum: 0,
        sumOfSquares: 0,
      }));
      for (let unit = 0; unit < unitsPerArmAndDay; unit += 1) {
        const stratum = random.below(rates.length);
        const totals = strata[stratum];
        const rate = (rates[stratum] ?? 0) * (arm === 'a' ? 1 : 1 + simulation.lift);
        const value = random.next() < rate ? valueOf(random, metric) : 0;
        if (!totals) continue;
        totals.units += 1;
        totals.sum += value;
        totals.sumOfSquares += value * value;
      }
      return strata;
    }),
  );
}

function valueOf(random: Random, metric: Metric): number {
  if (metric === 'proportion') return 1;
  const amount = 10 + 10 * random.next();
  return random.next() < 0.05 ? 10 * amount : amount;
}

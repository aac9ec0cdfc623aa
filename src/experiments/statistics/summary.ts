/** What a goal measures of a unit: whether it happened (0 or 1), or an amount. */
export type Metric = 'proportion' | 'mean';

/** The totals over the units of an arm. */
export interface Totals {
  units: number;
  sum: number;
  sumOfSquares: number;
}

/** An arm, or a stratum of it: the mean over n units, and the variance of one unit. */
export interface Summary {
  n: number;
  mean: number;
  variance: number;
}

export const NO_TOTALS: Totals = { units: 0, sum: 0, sumOfSquares: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    units: a.units + b.units,
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
  };
}

/** The variance of a proportion is m(1 − m), that of a mean has n − 1 in its denominator. */
export function summarise(metric: Metric, { units: n, sum, sumOfSquares }: Totals): Summary {
  if (n === 0) return { n, mean: 0, variance: 0 };
  const mean = sum / n;
  if (metric === 'proportion') return { n, mean, variance: mean * (1 - mean) };
  if (n === 1) return { n, mean, variance: 0 };
  return { n, mean, variance: Math.max(0, (sumOfSquares - sum * mean) / (n - 1)) };
}

/**
 * The same proportion with a variance above 0. Where none or all of the units converted, m(1 − m) is 0, as if the arm
 * were known without error. The variance is then that of half a conversion more or less among one unit more.
 */
export function withSpread(metric: Metric, summary: Summary): Summary {
  if (metric !== 'proportion' || summary.n === 0 || summary.variance > 0) return summary;
  const share = 0.5 / (summary.n + 1);
  return { ...summary, variance: share * (1 - share) };
}

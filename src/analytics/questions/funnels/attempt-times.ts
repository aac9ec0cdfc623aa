import type { AttemptCounts } from './attempt-counts.queries.js';

/** The values at 50 % and 90 % of sorted ones, as `percentile_disc` gives them; null without any. */
export function percentilesOf(sorted: Float64Array): Pick<AttemptCounts, 'p50' | 'p90'> {
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { p50: at(0.5), p90: at(0.9) };
}

/**
 * Kaplan–Meier over single conversions, as `attempt-counts.queries.ts` computes it in SQL. Of equal times, conversions come
 * first.
 * @param entries all attempts, also those that are watched until the end of the window
 * @param converted the sorted times of the conversions
 * @param open for how long open attempts were watched, sorted
 */
export function survivalOf(
  entries: number,
  converted: Float64Array,
  open: Float64Array,
): Pick<AttemptCounts, 'survival' | 'greenwood'> {
  let [logarithm, greenwood, ended] = [0, 0, 0];
  for (const [index, seconds] of converted.entries()) {
    while (ended < open.length && (open[ended] ?? 0) < seconds) ended += 1;
    const atRisk = entries - index - ended;
    if (atRisk <= 1) return { survival: 0, greenwood };
    logarithm += Math.log(1 - 1 / atRisk);
    greenwood += 1 / (atRisk * (atRisk - 1));
  }
  return { survival: Math.exp(logarithm), greenwood };
}

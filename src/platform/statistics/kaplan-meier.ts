/** How long subjects were observed, and whether the event ended it. */
export interface Observation {
  /** The time of the event, or the time up to which there was none, in any unit. */
  time: number;
  /** False for a subject that was still without the event when it was last seen. */
  hasEvent: boolean;
}

/** A step of the curve: it holds from `time` on. */
export interface SurvivalStep {
  time: number;
  /** Subjects observed just before this time. */
  atRisk: number;
  events: number;
  /** The estimated share without the event after this time, with its interval of 95 %. */
  survival: number;
  low: number;
  high: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/**
 * The product-limit estimate of survival (Kaplan and Meier 1958) at each time with an event. The interval is
 * Greenwood's, kept between 0 and 1. A subject whose observation ends at the time of an event was at risk of it.
 */
export function survivalCurve(observations: readonly Observation[]): SurvivalStep[] {
  const ordered = observations.toSorted((a, b) => a.time - b.time);
  const steps: SurvivalStep[] = [];
  let [survival, greenwood] = [1, 0];
  for (let start = 0, end = 0; start < ordered.length; start = end) {
    const { time } = ordered[start] as Observation;
    let events = 0;
    for (; ordered[end]?.time === time; end += 1) events += ordered[end]?.hasEvent ? 1 : 0;
    if (events === 0) continue;
    const atRisk = ordered.length - start;
    survival *= 1 - events / atRisk;
    if (atRisk > events) greenwood += events / (atRisk * (atRisk - events));
    const margin = Z * survival * Math.sqrt(greenwood);
    const [low, high] = [Math.max(0, survival - margin), Math.min(1, survival + margin)];
    steps.push({ time, atRisk, events, survival, low, high });
  }
  return steps;
}

/** The first time at which at most half survive; null if the curve stays above. */
export function medianSurvival(curve: readonly SurvivalStep[]): number | null {
  return curve.find(({ survival }) => survival <= 0.5)?.time ?? null;
}

/** The step that holds at a time; null before the first event, when all survive. */
export function stepAt(curve: readonly SurvivalStep[], time: number): SurvivalStep | null {
  return curve.findLast((step) => step.time <= time) ?? null;
}

import type { Lift } from './lift.js';
import type { Significance } from './significance.js';

/** The number of units at which the interval is narrowest in relation to that of a single look. */
export const TUNED_FOR_UNITS = 5000;

/**
 * An asymptotic confidence sequence (Waudby-Smith and others 2021), as in GrowthBook: it contains the
 * true lift at all looks together with probability 1 − α, so that looking each day costs nothing.
 */
export function sequential(lift: Lift, alpha: number, tunedFor = TUNED_FOR_UNITS): Significance {
  const { estimate, standardError, n } = lift;
  const rho2 = mixingVariance(alpha, tunedFor);
  const halfWidth = standardError * Math.sqrt(spread(n, rho2) * Math.log(Math.sqrt(n * rho2 + 1) / alpha));
  return {
    interval: [estimate - halfWidth, estimate + halfWidth],
    p: Math.min(1, Math.sqrt(n * rho2 + 1) * Math.exp(-((estimate / standardError) ** 2) / spread(n, rho2))),
  };
}

/**
 * The distance below an estimate, in standard errors, that its lower bound keeps at all looks together with probability
 * 1 − α. A two-sided interval at 2α would be a little too narrow for that.
 */
export function oneSidedDistance(n: number, alpha: number, tunedFor = TUNED_FOR_UNITS): number {
  const rho2 = mixingVariance(2 * alpha, tunedFor);
  return Math.sqrt(spread(n, rho2) * Math.log(1 + Math.sqrt(n * rho2 + 1) / (2 * alpha)));
}

/** 2(nρ² + 1) ÷ (nρ²): the formula's n · 2(nρ² + 1) ÷ (nρ)². */
function spread(n: number, rho2: number): number {
  return (2 * (n * rho2 + 1)) / (n * rho2);
}

/** ρ², with which the interval is narrowest at so many units. */
function mixingVariance(alpha: number, tunedFor: number): number {
  const twice = -2 * Math.log(alpha);
  return (twice + Math.log(1 + twice)) / tunedFor;
}

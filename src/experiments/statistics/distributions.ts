import betainc from '@stdlib/math-base-special-betainc';
import betaincinv from '@stdlib/math-base-special-betaincinv';
import erfc from '@stdlib/math-base-special-erfc';
import gammainc from '@stdlib/math-base-special-gammainc';

/** The probability that a standard normal value is at most `x`, exact in both tails. */
export function normalCdf(x: number): number {
  return erfc(-x / Math.SQRT2) / 2;
}

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** The probability that Student's t is at least as far from 0 as `t`, to either side. */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  return betainc(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
}

/** The distance from 0 that Student's t exceeds with probability `alpha`, to either side. */
export function studentCritical(alpha: number, degreesOfFreedom: number): number {
  const share = betaincinv(1 - alpha, 0.5, degreesOfFreedom / 2);
  return Math.sqrt((degreesOfFreedom * share) / (1 - share));
}

/** The probability that χ² is at least `x`. The upper tail is computed as such: 1 − cdf would lose its digits. */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  return gammainc(x / 2, degreesOfFreedom / 2, true, true);
}

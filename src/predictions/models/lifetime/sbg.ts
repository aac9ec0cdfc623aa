import { hypergeometric1 } from './hypergeometric.js';
import { minimise } from './nelder-mead.js';

/**
 * The shifted-beta-geometric model of contracts (Fader and Hardie 2007): each customer leaves at each renewal with a
 * probability of their own, and these are distributed as Beta(alpha, beta). So those that leave easily leave first, and
 * retention rises with the age of a cohort.
 */
export interface Sbg {
  alpha: number;
  beta: number;
  logLikelihood: number;
}

/** Customers of a cohort that were left at each renewal: at first all of them. Cohorts may be observed differently long. */
export type Survivors = readonly number[];

/** Why cohorts have no model. */
export type NoSbg = 'too_few_renewals' | 'all_stayed' | 'all_left_at_once';

/** Fits the model to one or more cohorts by maximum likelihood, or says why that is impossible. */
export function fitSbg(cohorts: readonly Survivors[]): Sbg | NoSbg {
  const renewed = cohorts.filter((cohort) => cohort.length > 1 && (cohort[0] as number) > 0);
  if (!renewed.some((cohort) => cohort.length > 2)) return 'too_few_renewals';
  if (renewed.every((cohort) => cohort.at(-1) === cohort[0])) return 'all_stayed';
  if (renewed.every((cohort) => cohort[1] === 0)) return 'all_left_at_once';
  const likelihood = ([logAlpha, logBeta]: readonly number[]) =>
    logLikelihood(parameterOf(logAlpha as number), parameterOf(logBeta as number), renewed);
  const { point, value } = minimise((at) => -likelihood(at), [0, 1]);
  return {
    alpha: parameterOf(point[0] as number),
    beta: parameterOf(point[1] as number),
    logLikelihood: -value,
  };
}

/** Where all customers leave with one probability, the likelihood rises without end: so parameters are bounded. */
function parameterOf(logarithm: number): number {
  return Math.exp(Math.min(12, Math.max(-12, logarithm)));
}

/** The log of the probability that each customer left, or is left, when they did. */
function logLikelihood(alpha: number, beta: number, cohorts: readonly Survivors[]): number {
  let sum = 0;
  for (const cohort of cohorts) {
    for (let renewal = 1; renewal < cohort.length; renewal += 1) {
      const [before, left] = [cohort[renewal - 1] as number, cohort[renewal] as number];
      const retention = retentionAt({ alpha, beta }, renewal);
      sum +=
        (left && left * Math.log(retention)) + (before - left && (before - left) * Math.log1p(-retention));
    }
  }
  return sum;
}

/** The share of the customers before a renewal (1, 2, …) that are left after it. */
export function retentionAt({ alpha, beta }: Pick<Sbg, 'alpha' | 'beta'>, renewal: number): number {
  return (beta + renewal - 1) / (alpha + beta + renewal - 1);
}

/** The share of a cohort that is left after each of so many renewals: at first 1. */
export function survivalOver(sbg: Pick<Sbg, 'alpha' | 'beta'>, renewals: number): number[] {
  const shares = [1];
  for (let renewal = 1; renewal <= renewals; renewal += 1) {
    shares.push((shares[renewal - 1] as number) * retentionAt(sbg, renewal));
  }
  return shares;
}

/**
 * The discounted expected residual lifetime, in periods: how many payments, valued today, are to be expected of a
 * customer that has paid `renewals` + 1 times and is about to renew.
 * @param discount of one period, above 0, for example 0.1 for 10 %
 */
export function residualLifetime(
  { alpha, beta }: Pick<Sbg, 'alpha' | 'beta'>,
  renewals: number,
  discount: number,
): number {
  const n = renewals;
  const series = hypergeometric1(beta + n + 1, alpha + beta + n + 1, 1 / (1 + discount));
  return ((beta + n) / (alpha + beta + n)) * series;
}

import { describe, expect, it } from 'vitest';
import { hypergeometric1 } from './hypergeometric.js';
import { fitSbg, residualLifetime, retentionAt, type Sbg, survivalOver } from './sbg.js';

/** The customers of Fader and Hardie (2007), and what became of them in the five years after. */
const SEVEN_YEARS = [1000, 869, 743, 653, 593, 551, 517, 491];
const NEXT_FIVE = [0.46, 0.436, 0.414, 0.395, 0.378];

function fitted(...cohorts: number[][]): Sbg {
  const sbg = fitSbg(cohorts);
  if (typeof sbg === 'string') throw new Error(sbg);
  return sbg;
}

/** The discounted lifetime by its definition. */
function summedLifetime(sbg: Sbg, renewals: number, discount: number): number {
  let [sum, survival, worth] = [0, 1, 1];
  for (let renewal = renewals + 1; worth * survival > 1e-13; renewal += 1) {
    survival *= retentionAt(sbg, renewal);
    sum += worth * survival;
    worth /= 1 + discount;
  }
  return sum;
}

describe('the lifetime of contracts', () => {
  it('has the parameters, forecasts and residual lifetime of the published example', () => {
    const sbg = fitted(SEVEN_YEARS);
    expect(sbg.alpha).toBeCloseTo(0.668, 3);
    expect(sbg.beta).toBeCloseTo(3.806, 3);
    const forecast = survivalOver(sbg, 12).slice(8);
    forecast.forEach((share, year) => expect(share).toBeCloseTo(NEXT_FIVE[year] ?? 0, 3));
    expect(residualLifetime(sbg, 7, 0.1)).toBeCloseTo(7.53, 3);
  });

  it.each([0.5, 0.1, 0.01, 0.001])('is the sum of its definition at a discount of %d', (discount) => {
    const sbg = fitted(SEVEN_YEARS);
    expect(residualLifetime(sbg, 3, discount)).toBeCloseTo(summedLifetime(sbg, 3, discount), 7);
    const even = { alpha: 1, beta: 2, logLikelihood: 0 };
    expect(residualLifetime(even, 0, discount)).toBeCloseTo(summedLifetime(even, 0, discount), 7);
  });

  it('is found from cohorts of different ages together', () => {
    const shares = survivalOver({ alpha: 0.8, beta: 2.5 }, 9);
    const cohorts = [9, 6, 3, 1].map((renewals) => shares.slice(0, renewals + 1).map((share) => 1e5 * share));
    const sbg = fitted(...cohorts);
    expect(sbg.alpha).toBeCloseTo(0.8, 4);
    expect(sbg.beta).toBeCloseTo(2.5, 4);
  });

  it('is finite where all customers leave with one probability', () => {
    const sbg = fitted([1000, 900, 810, 729, 656]);
    expect(retentionAt(sbg, 1)).toBeCloseTo(0.9, 2);
    expect(residualLifetime(sbg, 0, 0.1)).toBeCloseTo(0.9 / (1 - 0.9 / 1.1), 1);
  });

  it.each([
    ['too_few_renewals', [[100, 90]]],
    ['too_few_renewals', []],
    ['too_few_renewals', [[0, 0, 0]]],
    ['all_stayed', [[100, 100, 100]]],
    ['all_left_at_once', [[100, 0, 0]]],
  ] as const)('is %s of %j', (reason, cohorts) => {
    expect(fitSbg(cohorts)).toBe(reason);
  });
});

describe('the hypergeometric function', () => {
  it.each([0, 0.1, 0.5, 0.9, 0.999])('has its closed forms at %d', (z) => {
    expect(hypergeometric1(1, 2, z)).toBeCloseTo(z === 0 ? 1 : -Math.log1p(-z) / z, 9);
    expect(hypergeometric1(3, 3, z) * (1 - z)).toBeCloseTo(1, 9);
  });
});

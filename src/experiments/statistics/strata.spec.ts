import { describe, expect, it } from 'vitest';
import { Random } from '../../../chaos/random.js';
import { liftOf } from './lift.js';
import { postStratify, STRATUM_UNITS_MIN } from './strata.js';
import { type Summary, summarise, type Totals } from './summary.js';
import { isUnknown } from './unknown.js';

const of = (units: number, sum: number): Totals => ({ units, sum, sumOfSquares: sum });

/** Names strata by their position. */
const strata = (...totals: Totals[]) => new Map(totals.map((total, index) => [`stratum_${index}`, total]));

describe('post-stratification', () => {
  it('of one stratum is the plain summary', () => {
    const { control, arm, covariance } = postStratify('proportion', strata(of(100, 49)), strata(of(90, 51)));
    const near = ({ n, mean: m, variance }: Summary) => ({
      n,
      mean: expect.closeTo(m, 12),
      variance: expect.closeTo(variance, 12),
    });
    expect(control).toEqual(near(summarise('proportion', of(100, 49))));
    expect(arm).toEqual(near(summarise('proportion', of(90, 51))));
    expect(covariance).toBe(0);
  });

  it('removes the difference that comes from an unequal spread alone', () => {
    const rates = { high: 0.5, low: 0.1 };
    const control = strata(of(1000, 1000 * rates.high), of(1000, 1000 * rates.low));
    const arm = strata(of(1500, 1500 * rates.high), of(500, 500 * rates.low));
    const stratified = postStratify('proportion', control, arm);
    expect(stratified.control.mean).toBeCloseTo(0.35, 12);
    expect(stratified.arm.mean).toBeCloseTo(0.35, 12);
  });

  it.each([
    [
      'small strata become one',
      [
        [100, 100],
        [20, 20],
        [20, 20],
      ],
      2,
    ],
    [
      'a small rest joins the smallest large one',
      [
        [100, 100],
        [50, 50],
        [5, 5],
      ],
      2,
    ],
    [
      'a stratum that one arm has few units of is small',
      [
        [100, 100],
        [1000, 5],
      ],
      1,
    ],
    [
      'a stratum of one arm alone is small',
      [
        [100, 100],
        [0, 1000],
      ],
      1,
    ],
    [
      'only small ones become one',
      [
        [3, 3],
        [4, 4],
      ],
      1,
    ],
    [
      'large ones stay',
      [
        [STRATUM_UNITS_MIN, STRATUM_UNITS_MIN],
        [50, 50],
      ],
      2,
    ],
    ['without units there are none', [], 0],
  ] as [string, [number, number][], number][])('%s', (_, units, count) => {
    const control = strata(...units.map(([n]) => of(n, n / 2)));
    const arm = strata(...units.map(([, n]) => of(n, n / 2)));
    const stratified = postStratify('proportion', control, arm);
    const unitsOf = (side: 0 | 1) => units.reduce((sum, pair) => sum + pair[side], 0);
    expect(stratified).toMatchObject({
      strata: count,
      control: { n: unitsOf(0) },
      arm: { n: unitsOf(1) },
    });
  });

  it('gives an arm without any conversion a variance', () => {
    const { arm } = postStratify('proportion', strata(of(500, 100)), strata(of(500, 0)));
    expect(arm).toMatchObject({ mean: 0, n: 500 });
    expect(arm.variance).toBeGreaterThan(0);
  });

  it('gives the standard error that repeated experiments have, and a smaller one than without strata', () => {
    const random = new Random(11);
    const lifts: number[] = [];
    const errors: number[] = [];
    const plainErrors: number[] = [];
    for (let experiment = 0; experiment < 1500; experiment += 1) {
      const arms = [0, 1].map(() => {
        const totals = [0.02, 0.2, 0.9].map((rate) => ({ rate, units: 0, sum: 0 }));
        for (let unit = 0; unit < 900; unit += 1) {
          const stratum = totals[random.below(totals.length)];
          if (!stratum) continue;
          stratum.units += 1;
          stratum.sum += Number(random.next() < stratum.rate);
        }
        return totals.map(({ units, sum }) => of(units, sum));
      });
      const [a = [], b = []] = arms;
      const { control, arm, covariance } = postStratify('proportion', strata(...a), strata(...b));
      const lift = liftOf(control, arm, covariance);
      const plain = liftOf(pooled(a), pooled(b));
      if (isUnknown(lift) || isUnknown(plain)) continue;
      lifts.push(lift.estimate);
      errors.push(lift.standardError);
      plainErrors.push(plain.standardError);
    }
    const measured = Math.sqrt(summarise('mean', totalsOf(lifts)).variance);
    expect(mean(errors) / measured).toBeGreaterThan(0.95);
    expect(mean(errors) / measured).toBeLessThan(1.05);
    expect(mean(errors)).toBeLessThan(0.75 * mean(plainErrors));
  });
});

function totalsOf(values: readonly number[]): Totals {
  return {
    units: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
  };
}

function mean(values: readonly number[]): number {
  return summarise('mean', totalsOf(values)).mean;
}

function pooled(totals: readonly Totals[]) {
  return summarise(
    'proportion',
    of(
      totals.reduce((sum, { units }) => sum + units, 0),
      totals.reduce((all, { sum }) => all + sum, 0),
    ),
  );
}

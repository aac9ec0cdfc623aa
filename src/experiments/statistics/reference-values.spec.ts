import { describe, expect, it } from 'vitest';
import { chancesOf } from './chance-to-win.js';
import { fixedHorizon } from './fixed-horizon.js';
import { holm } from './holm.js';
import { type Lift, liftOf } from './lift.js';
import { sampleRatio } from './sample-ratio.js';
import { sequential } from './sequential.js';
import { type Metric, summarise } from './summary.js';
import { isUnknown } from './unknown.js';

const ALPHA = 0.05;

const mean = (units: number, sum: number, sumOfSquares: number) =>
  summarise('mean', { units, sum, sumOfSquares });

const proportion = (sum: number, units: number) => summarise('proportion', { units, sum, sumOfSquares: sum });

function known(lift: ReturnType<typeof liftOf>): Lift {
  if (isUnknown(lift)) throw new Error(`The lift is unknown: ${lift.unknown}`);
  return lift;
}

const REVENUE_OF_ARM = mean(3461, 2422.7, 134698.29);

describe('Welch', () => {
  it('gives the lift, interval and p of a mean that GrowthBook publishes', () => {
    const lift = known(liftOf(mean(3407, 1396.87, 52377.9767), REVENUE_OF_ARM));
    const { interval, p } = fixedHorizon(lift, ALPHA);
    expect(lift.estimate).toBeCloseTo(0.70732, 5);
    expect(interval[0]).toBeCloseTo(-0.03526, 5);
    expect(interval[1]).toBeCloseTo(1.44989, 5);
    expect(p).toBeCloseTo(0.06191, 5);
  });

  it('gives the p of two proportions', () => {
    const lift = known(liftOf(proportion(14, 28), proportion(16, 30)));
    expect(fixedHorizon(lift, ALPHA).p).toBeCloseTo(0.80707, 5);
  });

  it.each([
    [1, 12.706204736],
    [10, 2.228138852],
    [1000, 1.962339081],
    [1e7, 1.959964221],
  ])('uses the quantile of Student with %s degrees of freedom', (degreesOfFreedom, critical) => {
    const { interval, p } = fixedHorizon(
      { estimate: critical, standardError: 1, n: 2, degreesOfFreedom },
      ALPHA,
    );
    expect(interval[1] - critical).toBeCloseTo(critical, 8);
    expect(p).toBeCloseTo(ALPHA, 9);
  });
});

describe('the sequential interval', () => {
  it('of a mean is the one that GrowthBook publishes', () => {
    const { interval } = sequential(
      known(liftOf(mean(3000, 1396.87, 52377.9767), REVENUE_OF_ARM)),
      ALPHA,
      1000,
    );
    expect(interval[0]).toBeCloseTo(-0.55844, 5);
    expect(interval[1]).toBeCloseTo(1.56516, 5);
  });

  it('of proportions is the one that GrowthBook publishes', () => {
    const { interval } = sequential(
      known(liftOf(proportion(1396, 3000), proportion(2422, 3461))),
      ALPHA,
      5000,
    );
    expect(interval[0]).toBeCloseTo(0.40098, 5);
    expect(interval[1]).toBeCloseTo(0.60675, 5);
  });

  it('ends at 0 where p is α', () => {
    const lift = { estimate: 0, standardError: 0.02, n: 20_000, degreesOfFreedom: 19_998 };
    const [, halfWidth] = sequential(lift, ALPHA).interval;
    expect(sequential({ ...lift, estimate: halfWidth }, ALPHA).p).toBeCloseTo(ALPHA, 12);
  });

  it('is wider than that of a single look', () => {
    const lift = known(liftOf(proportion(1396, 3000), proportion(2422, 3461)));
    expect(sequential(lift, ALPHA).interval[0]).toBeLessThan(fixedHorizon(lift, ALPHA).interval[0]);
  });
});

describe('the chance to win', () => {
  it('and the risks are those that GrowthBook publishes', () => {
    const chances = chancesOf(known(liftOf(proportion(49, 100), proportion(51, 100))));
    expect(chances.toWin).toBeCloseTo(0.60918, 5);
    expect(chances.riskOfControl).toBeCloseTo(0.0814, 4);
    expect(chances.riskOfArm).toBeCloseTo(0.04058, 5);
  });
});

describe("Holm's correction", () => {
  it.each([
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.5, 0.9],
      [1, 1],
    ],
    [[0.04], [0.04]],
    [[], []],
  ])('of %j is %j', (ps, adjusted) => {
    expect(holm(ps).map((p) => Number(p.toFixed(12)))).toEqual(adjusted);
  });
});

describe('the sample ratio', () => {
  const arms = (...units: number[]) =>
    units.map((n, index) => ({ arm: `arm_${index}`, weight: 0.5, units: n }));

  it('of Microsoft, 821,588 to 815,482, does not match', () => {
    const ratio = sampleRatio(arms(821_588, 815_482));
    expect(ratio?.chiSquare).toBeCloseTo(22.774, 3);
    expect(ratio?.p).toBeCloseTo(1.82e-6, 8);
    expect(ratio?.verdict).toBe('alerts');
  });

  it.each([
    ['an even spread matches', arms(5000, 5000), 'matches'],
    ['a p below 0.01 warns', arms(5000, 5280), 'warns'],
    ['a p below 0.001 alerts', arms(5000, 5400), 'alerts'],
    ['a deviation below 0.1 % only warns', arms(50_000_000, 50_080_000), 'warns'],
    ['an arm without units is counted', arms(5000, 5000, 0), 'alerts'],
    [
      'an arm of weight 0 is not counted',
      [...arms(5000, 5000), { arm: 'off', weight: 0, units: 0 }],
      'matches',
    ],
    ['weights need not sum to 1', arms(5000, 5010, 4990), 'matches'],
    ['99 units are too few', arms(99, 0), undefined],
    ['100 units are enough', arms(100, 0), 'alerts'],
    [
      'fewer than 8 expected units of an arm are too few',
      [
        { arm: 'a', weight: 0.93, units: 100 },
        { arm: 'b', weight: 0.07, units: 0 },
      ],
      undefined,
    ],
    ['one arm is too few', arms(1000), undefined],
    ['no arm is too few', [], undefined],
  ])('%s', (_, counted, verdict) => {
    expect(sampleRatio(counted)?.verdict).toBe(verdict);
  });
});

describe('a lift that cannot be given', () => {
  const cases: [string, Metric, control: [number, number, number], arm: [number, number, number], string][] =
    [
      ['no unit in the control', 'mean', [0, 0, 0], [9, 3, 3], 'no_units'],
      ['no unit in the arm', 'proportion', [9, 3, 3], [0, 0, 0], 'no_units'],
      ['a single unit', 'mean', [9, 3, 3], [1, 1, 1], 'too_few_units'],
      ['a mean of 0 in the control', 'mean', [9, 0, 0], [9, 3, 3], 'baseline_is_zero'],
      ['the same amount of all units', 'mean', [9, 18, 36], [9, 27, 81], 'no_variance'],
    ];
  it.each(cases)('has a reason: %s', (_, metric, control, arm, reason) => {
    const [a, b] = [control, arm].map(([units, sum, sumOfSquares]) =>
      summarise(metric, { units, sum, sumOfSquares }),
    );
    expect(a && b && liftOf(a, b)).toEqual({ unknown: reason });
  });
});

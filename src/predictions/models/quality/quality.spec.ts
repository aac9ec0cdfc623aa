import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rows/random.js';
import { areaUnderCurve } from './auc.js';
import { meanAndError } from './mean-and-error.js';
import {
  brierScore,
  calibrationError,
  calibrationErrorByChance,
  liftByDecile,
  logLoss,
} from './probability-scores.js';
import { distributionOf, stabilityIndex } from './stability.js';

const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 1)), { minLength: 4, maxLength: 60 })
  .filter((rows) => new Set(rows.map(([, label]) => label)).size === 2);

describe('the area under the curve', () => {
  it('and its interval are those of all pairs of a positive and a negative row', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const [positives, negatives] = [1, 0].map((wanted) => {
          return rows.filter(([, label]) => label === wanted).map(([score]) => score);
        }) as [number[], number[]];
        const wins = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
        const above = positives.map((a) => mean(negatives.map((b) => wins(a, b))));
        const below = negatives.map((b) => mean(positives.map((a) => wins(a, b))));
        const margin = 1.959964 * Math.sqrt(variance(above) / above.length + variance(below) / below.length);
        const area = areaUnderCurve(
          Float64Array.from(rows, ([score]) => score),
          Uint8Array.from(rows, ([, label]) => label),
        );
        expect(area.value).toBeCloseTo(mean(above), 10);
        expect(area.low).toBeCloseTo(Math.max(0, mean(above) - margin), 10);
        expect(area.high).toBeCloseTo(Math.min(1, mean(above) + margin), 10);
      }),
    );
  });
});

describe('several rows of a customer', () => {
  it('do not make an error smaller', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const scores = Float64Array.from(rows, ([score]) => score);
        const labels = Uint8Array.from(rows, ([, label]) => label);
        const customers = Uint32Array.from(rows.keys());
        const once = areaUnderCurve(scores, labels, customers);
        const twice = areaUnderCurve(twiceOf(scores), twiceOf(labels), twiceOf(customers));
        for (const figure of ['value', 'low', 'high'] as const)
          expect(twice[figure]).toBeCloseTo(once[figure], 10);
        const { standardError } = meanAndError(twiceOf(scores), twiceOf(customers));
        expect(standardError).toBeCloseTo(meanAndError(scores, customers).standardError, 10);
      }),
    );
  });

  it('that go against one another make it smaller', () => {
    const scores = Float64Array.of(0, 2, 0, 2);
    expect(meanAndError(scores, Uint32Array.of(0, 0, 1, 1)).standardError).toBe(0);
    expect(meanAndError(scores, Uint32Array.of(0, 1, 2, 3)).standardError).toBeCloseTo(1 / Math.sqrt(3), 12);
  });
});

function twiceOf<T extends Float64Array | Uint8Array | Uint32Array>(values: T): T {
  const doubled = new (values.constructor as new (length: number) => T)(2 * values.length);
  doubled.set(values);
  doubled.set(values, values.length);
  return doubled;
}

describe('the scores of probabilities', () => {
  const scores = Float64Array.of(0.1, 0.1, 0.8, 0.8, 0.8);
  const labels = Uint8Array.of(0, 1, 1, 1, 0);

  it('are those of a small example', () => {
    expect(brierScore(scores, labels)).toBeCloseTo((0.01 + 0.81 + 0.04 + 0.04 + 0.64) / 5, 12);
    expect(logLoss(scores, labels)).toBeCloseTo(-Math.log(0.9 * 0.1 * 0.8 * 0.8 * 0.2) / 5, 12);
  });

  it('find the distance of scores from what happened', () => {
    const probabilities = Float64Array.from({ length: 100 }, (_, row) => (row < 60 ? 0.2 : 0.7));
    const happened = Uint8Array.from({ length: 100 }, (_, row) => (row % 10 < (row < 60 ? 3 : 5) ? 1 : 0));
    expect(calibrationError(probabilities, happened)).toBeCloseTo(0.6 * 0.1 + 0.4 * 0.2, 12);
  });

  it('know the distance that chance makes', () => {
    const random = seededRandom(2);
    const probabilities = Float64Array.from({ length: 500 }, () => random() ** 2);
    const errors = Array.from({ length: 400 }, () => {
      return calibrationError(
        probabilities,
        Uint8Array.from(probabilities, (p) => (random() < p ? 1 : 0)),
      );
    });
    const byChance = calibrationErrorByChance(probabilities, Uint32Array.from(probabilities.keys()));
    expect(byChance.mean / mean(errors)).toBeCloseTo(1, 1);
    const higher = errors.filter((error) => error > byChance.high).length / errors.length;
    expect(higher).toBeGreaterThan(0.02);
    expect(higher).toBeLessThan(0.09);
    const pairs = Uint32Array.from(probabilities.keys(), (row) => Math.floor(row / 2));
    expect(calibrationErrorByChance(probabilities, pairs).mean).toBeGreaterThanOrEqual(byChance.mean);
  });

  it('find all positives in the first tenth of the rows', () => {
    const row = Array.from({ length: 100 }, (_, at) => at);
    const lift = liftByDecile(
      Float64Array.from(row),
      Uint8Array.from(row, (at) => (at >= 90 ? 1 : 0)),
    );
    expect(lift).toEqual([10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('the stability index', () => {
  const random = seededRandom(1);
  const sampleOf = (draw: () => number) => Float64Array.from({ length: 5000 }, draw);

  it.each([
    ['numbers', () => random()],
    ['a rare mark', () => (random() < 0.05 ? 1 : 0)],
    ['a usual mark', () => (random() < 0.95 ? 1 : 0)],
    ['a constant', () => 7],
    ['values that are often missing', () => (random() < 0.5 ? Number.NaN : random())],
    ['nothing but missing values', () => Number.NaN],
  ])('of %s is about 0 for a second sample', (_, draw) => {
    expect(stabilityIndex(distributionOf(sampleOf(draw)), sampleOf(draw))).toBeLessThan(0.02);
  });

  it.each([
    ['numbers', () => random(), () => random() + 0.4],
    ['a rare mark', () => (random() < 0.05 ? 1 : 0), () => (random() < 0.3 ? 1 : 0)],
    ['a usual mark', () => (random() < 0.95 ? 1 : 0), () => (random() < 0.7 ? 1 : 0)],
    ['a constant, to lower ones', () => 7, () => 6],
    ['a constant, to higher ones', () => 7, () => 8],
    ['values that are often missing', () => (random() < 0.2 ? Number.NaN : 1), () => 1],
  ])('of %s is above 0.2 after they have moved', (_, before, after) => {
    expect(stabilityIndex(distributionOf(sampleOf(before)), sampleOf(after))).toBeGreaterThan(0.2);
  });

  it('of two halves is that of the formula', () => {
    const then = { edges: [0], shares: [0.5, 0, 0.5, 0] };
    const now = Float64Array.of(-1, 1, 1, 1);
    expect(stabilityIndex(then, now)).toBeCloseTo(0.25 * Math.log(1.5) - 0.25 * Math.log(0.5), 10);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rows/random.js';
import { probabilityOf } from '../rows/logits.js';
import { calibrate, fitIsotonic } from './isotonic.js';

const rows = fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.constantFrom(0, 1)), {
  minLength: 1,
  maxLength: 800,
});

describe('calibration', () => {
  it('is monotone and between 0 and 1', () => {
    fc.assert(
      fc.property(rows, (sample) => {
        const logits = Float64Array.from(sample, ([logit]) => logit / 100);
        const calibration = fitIsotonic(
          logits,
          Uint8Array.from(sample, ([, label]) => label),
        );
        const grid = Array.from({ length: 81 }, (_, at) => calibrate(calibration, at / 10 - 4));
        expect(grid).toEqual(grid.toSorted((x, y) => x - y));
        expect(Math.min(...grid)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...grid)).toBeLessThanOrEqual(1);
        const knots = calibration.probabilities;
        expect(knots.every((probability, at) => at === 0 || probability > (knots[at - 1] as number))).toBe(
          true,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('finds the probabilities behind logits that are too sure', () => {
    const random = seededRandom(3);
    const truths = Float64Array.from({ length: 20_000 }, () => 4 * random() - 3);
    const labels = Uint8Array.from(truths, (logit) => (random() < probabilityOf(logit) ? 1 : 0));
    const calibration = fitIsotonic(
      truths.map((logit) => 3 * logit + 1),
      labels,
    );
    for (const logit of [-2.5, -2, -1, 0, 0.8]) {
      expect(Math.abs(calibrate(calibration, 3 * logit + 1) - probabilityOf(logit))).toBeLessThan(0.05);
    }
  });

  it('rests no probability on the few rows that equal logits leave over', () => {
    const logits = Float64Array.from({ length: 100 }, (_, row) => (row < 40 ? row : row < 90 ? 40 : row));
    const labels = Uint8Array.from(logits, (logit) => (logit > 40 ? 1 : 0));
    expect(calibrate(fitIsotonic(logits, labels), 100)).toBeLessThan(0.2);
  });

  it('gives rows with one logit the share of positives, and no certainty', () => {
    const same = fitIsotonic(
      new Float64Array(100),
      Uint8Array.from({ length: 100 }, (_, row) => (row < 30 ? 1 : 0)),
    );
    expect(calibrate(same, 0)).toBeCloseTo(0.3, 10);
    const sure = fitIsotonic(
      Float64Array.from({ length: 200 }, (_, row) => row),
      Uint8Array.from({ length: 200 }, (_, row) => (row < 100 ? 0 : 1)),
    );
    expect(calibrate(sure, -1)).toBeGreaterThan(0);
    expect(calibrate(sure, 1000)).toBeLessThan(1);
  });
});

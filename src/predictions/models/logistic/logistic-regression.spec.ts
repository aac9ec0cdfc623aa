import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../rows/columns.js';
import { lossOf, probabilityOf } from '../rows/logits.js';
import { fitLogistic, type LogisticFit, logisticLogits } from './logistic-regression.js';

/** The flights before the last one of Challenger: temperature in °F, and whether an O-ring was damaged. */
const FLIGHTS = [
  [53, 1],
  [57, 1],
  [58, 1],
  [63, 1],
  [66, 0],
  [67, 0],
  [67, 0],
  [67, 0],
  [68, 0],
  [69, 0],
  [70, 0],
  [70, 0],
  [70, 1],
  [70, 1],
  [72, 0],
  [73, 0],
  [75, 0],
  [75, 1],
  [76, 0],
  [76, 0],
  [78, 0],
  [79, 0],
  [81, 0],
] as const;

function columnsOf(...columns: number[][]): Columns {
  const rows = columns[0]?.length ?? 0;
  return { values: Float64Array.from(columns.flat()), rows, features: columns.length };
}

function fit(
  columns: Columns,
  labels: readonly number[],
  l2: number,
): { fit: LogisticFit; logits: Float64Array } {
  const range = { start: 0, end: columns.rows };
  const fitted = fitLogistic(columns, Uint8Array.from(labels), range, l2);
  const logits = new Float64Array(columns.rows);
  logisticLogits(fitted, columns, range, logits);
  return { fit: fitted, logits };
}

const temperatures = FLIGHTS.map(([temperature]) => temperature);
const damages = FLIGHTS.map(([, isDamaged]) => isDamaged);

describe('a logistic regression', () => {
  it('without penalty has the known coefficients and deviance of the O-rings', () => {
    const { fit: fitted, logits } = fit(columnsOf(temperatures), damages, 0);
    const [term] = fitted.terms;
    const slope = (term?.coefficient ?? 0) / (term?.scale ?? 0);
    const deviance = 2 * logits.reduce((sum, logit, row) => sum + lossOf(logit, damages[row] ?? 0), 0);
    expect(slope).toBeCloseTo(-0.2322, 4);
    expect(fitted.intercept - slope * (term?.mean ?? 0)).toBeCloseTo(15.0429, 4);
    expect(deviance).toBeCloseTo(20.315, 3);
  });

  it('has no slope at its minimum, with any penalty', () => {
    const row = fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.nat(3), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 12, maxLength: 60 }),
        fc.constantFrom(0.1, 1, 10),
        (rows, l2) => {
          const labels = rows.map(([, , label]) => label);
          const { fit: fitted, logits } = fit(
            columnsOf(
              rows.map(([x]) => x),
              rows.map(([, x]) => x),
            ),
            labels,
            l2,
          );
          const residuals = labels.map((label, at) => label - probabilityOf(logits[at] ?? 0));
          fitted.terms.forEach(({ mean, scale, coefficient }, feature) => {
            const slope = residuals.reduce((sum, residual, at) => {
              return sum + (residual * ((rows[at]?.[feature] ?? 0) - mean)) / scale;
            }, 0);
            expect(Math.abs(slope - l2 * coefficient)).toBeLessThan(1e-3);
          });
          const total = residuals.reduce((sum, residual) => sum + residual, 0);
          if (new Set(labels).size === 2) expect(Math.abs(total)).toBeLessThan(1e-3);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ignores a constant column and one that repeats another', () => {
    const constant = temperatures.map(() => 7);
    const alone = fit(columnsOf(temperatures), damages, 0);
    const { fit: fitted, logits } = fit(columnsOf(temperatures, constant, temperatures), damages, 0);
    expect(fitted.terms.slice(1).map(({ coefficient }) => coefficient)).toEqual([0, 0]);
    logits.forEach((logit, row) => expect(logit).toBeCloseTo(alone.logits[row] ?? 0, 6));
  });

  it('learns from what is missing', () => {
    const labels = Array.from({ length: 200 }, (_, row) => (row % 10 < 5 ? 1 : 0));
    const values = labels.map((label, row) => (label === 1 && row % 10 > 0 ? Number.NaN : row % 7));
    const { logits } = fit(columnsOf(values), labels, 1);
    expect(logits[1]).toBeGreaterThan(2);
    expect(logits[9]).toBeLessThan(-1);
  });

  it('ends when the classes are separable', () => {
    const { logits } = fit(columnsOf([1, 2, 3, 4, 5, 6]), [0, 0, 0, 1, 1, 1], 0);
    expect(logits.every((logit) => Number.isFinite(logit))).toBe(true);
    expect(logits[5]).toBeGreaterThan(5);
  });
});

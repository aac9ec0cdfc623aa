import { describe, expect, it } from 'vitest';
import type { Columns } from '../rows/columns.js';
import { probabilityOf } from '../rows/logits.js';
import { seededRandom } from '../rows/random.js';
import { boostTrees } from './boosting.js';
import { type Forest, forestLogits } from './tree.js';

const ROWS = 4000;
const PARTS = { train: { start: 0, end: 3000 }, validation: { start: 3000, end: ROWS } };

/** Columns of random numbers below 1, with labels of a given probability. */
function sampleOf(features: number, probability: (row: number[]) => number, seed = 5) {
  const random = seededRandom(seed);
  const values = Float64Array.from({ length: ROWS * features }, random);
  const columns: Columns = { values, rows: ROWS, features };
  const rowAt = (row: number) =>
    Array.from({ length: features }, (_, at) => values[at * ROWS + row] as number);
  const labels = Uint8Array.from({ length: ROWS }, (_, row) => (random() < probability(rowAt(row)) ? 1 : 0));
  return { columns, labels, rowAt };
}

function probabilities(forest: Forest, columns: Columns): Float64Array {
  const logits = new Float64Array(ROWS);
  forestLogits(forest, columns, { start: 0, end: ROWS }, logits);
  return logits.map(probabilityOf);
}

describe('boosted trees', () => {
  it('find what two features do together and none does alone', () => {
    const truth = ([a = 0, b = 0]: number[]) => (a > 0.5 === b > 0.5 ? 0.9 : 0.1);
    const { columns, labels, rowAt } = sampleOf(3, truth);
    const found = probabilities(boostTrees(columns, labels, PARTS, 1), columns);
    const errors = found.map((probability, row) => Math.abs(probability - truth(rowAt(row))));
    expect(errors.reduce((sum, error) => sum + error, 0) / ROWS).toBeLessThan(0.06);
  });

  it('send rows without a value where they lower the loss', () => {
    const { columns, labels } = sampleOf(1, () => 0.5);
    labels.forEach((label, row) => {
      if (label === 1 && row % 3 > 0) columns.values[row] = Number.NaN;
    });
    const found = probabilities(boostTrees(columns, labels, PARTS, 1), columns);
    const mean = (isMissing: boolean) => {
      const rows = found.filter((_, row) => Number.isNaN(columns.values[row]) === isMissing);
      return rows.reduce((sum, probability) => sum + probability, 0) / rows.length;
    };
    expect(mean(true)).toBeGreaterThan(0.9);
    expect(mean(false)).toBeCloseTo(0.25, 1);
  });

  it('are the same for the same seed', () => {
    const { columns, labels } = sampleOf(2, ([a = 0]) => a);
    const [first, again, other] = [1, 1, 2].map((seed) => boostTrees(columns, labels, PARTS, seed));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('end early when there is nothing to learn', () => {
    const { columns, labels } = sampleOf(3, () => 0.3);
    expect(boostTrees(columns, labels, PARTS, 1).trees.length).toBeLessThan(10);
  });
});

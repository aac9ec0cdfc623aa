import type { RowRange } from './rows/columns.js';
import type { Parts } from './split-by-time.js';
import type { PartOfTime, Shortfall } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

/** Rows of each label that a part needs: fewer say too little about a model, or about how well it does. */
const NEEDED = { train: 200, validation: 50, test: 50 };

/** What the parts lack; empty if a model can be trained. */
export function shortfallsOf(set: TrainingSet, parts: Parts): Shortfall[] {
  return (['train', 'validation', 'test'] as const).flatMap((part) => {
    const needed = NEEDED[part];
    const { start, end } = parts[part];
    const positives = positivesIn(set.labels, parts[part]);
    const counts: Shortfall[] = [
      { part, label: 'positives', rows: positives, needed },
      { part, label: 'negatives', rows: end - start - positives, needed },
    ];
    return counts.filter(({ rows }) => rows < needed);
  });
}

/** The dates and rows of a part. */
export function describePart({ times, labels }: TrainingSet, range: RowRange): PartOfTime {
  const rows = range.end - range.start;
  const timeOf = (row: number) => (rows === 0 ? null : new Date(times[row] as number).toISOString());
  return {
    from: timeOf(range.start),
    to: timeOf(range.end - 1),
    rows,
    positives: positivesIn(labels, range),
  };
}

/** The share of positives, shrunken by one row of each label: without rows it is one half. */
export function shrunkenRate(labels: Uint8Array, range: RowRange): number {
  return (positivesIn(labels, range) + 1) / (range.end - range.start + 2);
}

export function positivesIn(labels: Uint8Array, { start, end }: RowRange): number {
  return labels.subarray(start, end).reduce((sum, label) => sum + label, 0);
}

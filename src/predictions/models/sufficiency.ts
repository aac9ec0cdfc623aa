import type { RowRange } from './rows/columns.js';
import type { Parts } from './split-by-time.js';
import type { PartOfTime, Shortfall } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

/**
 * Customers with rows of each label that a part needs: fewer say too little about a model, or about how well it does.
 * Rows are not what counts, because those of one customer overlap.
 */
const NEEDED = { train: 200, validation: 50, test: 50 };

/** What the parts lack; empty if a model can be trained. */
export function shortfallsOf(set: TrainingSet, parts: Parts): Shortfall[] {
  return (['train', 'validation', 'test'] as const).flatMap((part) => {
    const needed = NEEDED[part];
    const counts: Shortfall[] = [
      { part, label: 'positives', customers: customersWith(set, parts[part], 1), needed },
      { part, label: 'negatives', customers: customersWith(set, parts[part], 0), needed },
    ];
    return counts.filter(({ customers }) => customers < needed);
  });
}

function customersWith({ labels, customers }: TrainingSet, { start, end }: RowRange, label: number): number {
  const found = new Set<number>();
  for (let row = start; row < end; row += 1) {
    if (labels[row] === label) found.add(customers[row] as number);
  }
  return found.size;
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

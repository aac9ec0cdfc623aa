import type { Columns, RowRange } from '../rows/columns.js';
import { sortedSample } from '../rows/even-sample.js';

/** Codes of a feature: 0 for missing, then one for each interval between edges. */
export const BINS = 64;
const EDGES_MAX = BINS - 2;
/** Ascending distinct edges of each feature: about equally many rows lie between two of them. */
export function edgesOf({ values, rows, features }: Columns, range: RowRange): Float64Array[] {
  return Array.from({ length: features }, (_, feature) => {
    return quantileEdges(sortedSample(values, feature * rows + range.start, feature * rows + range.end));
  });
}

/** The last value has no edge: no row lies above it. */
function quantileEdges(sorted: Float64Array): Float64Array {
  const edges: number[] = [];
  const largest = sorted.at(-1) as number;
  for (let cut = 1; cut <= EDGES_MAX; cut += 1) {
    const edge = sorted[Math.floor((cut * sorted.length) / (EDGES_MAX + 1))] as number;
    if (edge < largest && edge !== edges.at(-1)) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/**
 * The codes of a range of rows, one byte each: `codes[feature * length + row - range.start]`. A value gets
 * 1 plus the number of edges below it.
 */
export function codesOf(columns: Columns, range: RowRange, edges: readonly Float64Array[]): Uint8Array {
  const length = range.end - range.start;
  const codes = new Uint8Array(length * columns.features);
  edges.forEach((ofFeature, feature) => {
    const from = feature * columns.rows + range.start;
    for (let row = 0; row < length; row += 1) {
      const value = columns.values[from + row] as number;
      codes[feature * length + row] = Number.isFinite(value) ? 1 + countBelow(ofFeature, value) : 0;
    }
  });
  return codes;
}

function countBelow(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

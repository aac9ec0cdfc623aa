import type { Columns, RowRange } from '../rows/columns.js';

/** Rows are standardised in blocks of this size, so that no standardised copy of the table is held. */
export const BLOCK = 128;

/**
 * The standardised columns of a regression: one of each feature, with missing values at the mean, then one of each
 * feature that has missing values, which marks them, then the intercept.
 */
export class Design {
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** The share of missing values of each feature. */
  readonly missing: Float64Array;
  /** The features whose missing values have a column. */
  readonly marked: number[];
  readonly width: number;

  constructor(
    private readonly columns: Columns,
    private readonly range: RowRange,
  ) {
    const { features } = columns;
    this.means = new Float64Array(features);
    this.scales = new Float64Array(features);
    this.missing = new Float64Array(features);
    for (let feature = 0; feature < features; feature += 1) this.describe(feature);
    this.marked = [...this.missing.keys()].filter((feature) => this.isMarked(feature));
    this.width = features + this.marked.length + 1;
  }

  /** Writes the columns of `count` rows from `first` on, as `into[column * BLOCK + row - first]`. */
  fill(into: Float64Array, first: number, count: number): void {
    const { values, rows, features } = this.columns;
    for (let feature = 0; feature < features; feature += 1) {
      const mean = this.means[feature] as number;
      const scale = this.scales[feature] as number;
      const from = feature * rows + first;
      for (let row = 0; row < count; row += 1) {
        const value = values[from + row] as number;
        into[feature * BLOCK + row] = Number.isFinite(value) && scale > 0 ? (value - mean) / scale : 0;
      }
    }
    this.marked.forEach((feature, index) => {
      const share = this.missing[feature] as number;
      const from = feature * rows + first;
      const to = (features + index) * BLOCK;
      for (let row = 0; row < count; row += 1) {
        into[to + row] = (Number.isFinite(values[from + row]) ? 0 : 1) - share;
      }
    });
    into.fill(1, (this.width - 1) * BLOCK, (this.width - 1) * BLOCK + count);
  }

  private describe(feature: number): void {
    const { values, rows } = this.columns;
    const [from, to] = [feature * rows + this.range.start, feature * rows + this.range.end];
    let [present, mean, squares] = [0, 0, 0];
    for (let at = from; at < to; at += 1) {
      const value = values[at] as number;
      if (!Number.isFinite(value)) continue;
      present += 1;
      const distance = value - mean;
      mean += distance / present;
      squares += distance * (value - mean);
    }
    const deviation = present > 0 ? Math.sqrt(squares / present) : 0;
    this.means[feature] = mean;
    this.scales[feature] = deviation > 1e-12 * Math.abs(mean) ? deviation : 0;
    this.missing[feature] = to > from ? 1 - present / (to - from) : 0;
  }

  private isMarked(feature: number): boolean {
    const share = this.missing[feature] as number;
    return share > 0 && share < 1;
  }
}

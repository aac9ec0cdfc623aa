/**
 * Rows to learn from, in the order of their time. Each row is a customer at a moment t0 with the features known
 * then, and the label that its window showed.
 */
export interface TrainingSet {
  featureNames: readonly string[];
  rows: number;
  /** Column-major: `values[feature * rows + row]`. NaN is a missing value; infinite values count as missing. */
  values: Float64Array | Float32Array;
  /** 1 if the target happened within the window of the row, else 0. */
  labels: Uint8Array;
  /** The customer of each row, as a number: rows of one customer depend on one another. */
  customers: Uint32Array;
  /** t0 of each row in milliseconds, ascending. */
  times: Float64Array;
  /** The length of the window, in days. The parts in time keep a gap of this length. */
  windowDays: number;
}

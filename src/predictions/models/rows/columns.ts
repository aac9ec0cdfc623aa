/** A table of numbers by columns: `values[feature * rows + row]`. Values that are not finite are missing. */
export interface Columns {
  values: Float64Array | Float32Array;
  rows: number;
  features: number;
}

/** The rows from `start` up to, not including, `end`. */
export interface RowRange {
  start: number;
  end: number;
}

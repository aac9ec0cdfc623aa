/** Quantiles of more rows than this are taken from evenly spread ones: the order of rows is time, not size. */
const SAMPLE_MAX = 20_000;

/** Finite values of evenly spread rows from `start` up to `end`, ascending. */
export function sortedSample(values: Float64Array | Float32Array, start: number, end: number): Float64Array {
  const stride = Math.max(1, Math.floor((end - start) / SAMPLE_MAX));
  const sample = new Float64Array(Math.ceil((end - start) / stride));
  let size = 0;
  for (let at = start; at < end; at += stride) {
    const value = values[at] as number;
    if (Number.isFinite(value)) sample[size++] = value;
  }
  return sample.subarray(0, size).toSorted();
}

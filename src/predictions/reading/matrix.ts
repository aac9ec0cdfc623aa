import { readFeatures } from '../features/features-sql.js';

/** Features of some rows, column-major, in single precision: at the training and at the scoring alike. */
export function matrixOf(texts: readonly string[], features: number): Float32Array<ArrayBuffer> {
  const rows = texts.length;
  const values = new Float32Array(features * rows);
  for (const [row, text] of texts.entries()) {
    readFeatures(text, (feature, value) => {
      values[feature * rows + row] = value;
    });
  }
  return values;
}

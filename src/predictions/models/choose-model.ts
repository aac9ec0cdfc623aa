import { fitLogistic } from './logistic/logistic-regression.js';
import { meanAndError, meanOf } from './quality/mean-and-error.js';
import type { Columns } from './rows/columns.js';
import { lossOf } from './rows/logits.js';
import { logitsOf } from './score-rows.js';
import type { Parts } from './split-by-time.js';
import type { Choice, Fitted } from './trained-model.js';
import type { TrainingSet } from './training-set.js';
import { boostTrees } from './trees/boosting.js';

/**
 * Fits both kinds of model. Trees are chosen only if their log loss on the validation rows is lower by more than one
 * standard error of the difference: a logistic regression is easier to understand.
 */
export function chooseModel(
  { labels, customers }: TrainingSet,
  columns: Columns,
  parts: Parts,
  { l2, seed }: { l2: number; seed: number },
): { fitted: Fitted; choice: Choice } {
  const logistic: Fitted = { kind: 'logistic', logistic: fitLogistic(columns, labels, parts.train, l2) };
  const trees: Fitted = { kind: 'trees', forest: boostTrees(columns, labels, parts, seed) };
  const losses = (fitted: Fitted) => {
    const logits = logitsOf(fitted, columns, parts.validation);
    return logits.map((logit, row) => lossOf(logit, labels[parts.validation.start + row] as number));
  };
  const [ofLogistic, ofTrees] = [losses(logistic), losses(trees)];
  const gain = meanAndError(
    ofLogistic.map((loss, row) => loss - (ofTrees[row] as number)),
    customers.subarray(parts.validation.start, parts.validation.end),
  );
  const isTrees = gain.mean > gain.standardError;
  const choice: Choice = {
    kind: isTrees ? 'trees' : 'logistic',
    why: isTrees
      ? 'the log loss of the trees is lower by more than one standard error'
      : 'the log loss of the trees is not lower by more than one standard error',
    logisticLogLoss: meanOf(ofLogistic),
    treesLogLoss: meanOf(ofTrees),
    standardError: gain.standardError,
  };
  return { fitted: isTrees ? trees : logistic, choice };
}

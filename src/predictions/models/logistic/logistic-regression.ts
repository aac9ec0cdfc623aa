import type { Columns, RowRange } from '../rows/columns.js';
import { Design } from './design.js';
import { NewtonSystem } from './newton-system.js';

/** A logistic regression over standardised features. The intercept is the logit of the average row. */
export interface LogisticFit {
  intercept: number;
  /** One term for each feature. */
  terms: LogisticTerm[];
}

/** What a feature adds: `coefficient · (x − mean) / scale + whenPresent`, and `whenMissing` if x is missing. */
export interface LogisticTerm {
  mean: number;
  scale: number;
  coefficient: number;
  whenPresent: number;
  whenMissing: number;
}

/** Newton's steps: with separable classes and no penalty they never end by themselves. */
const STEPS_MAX = 25;
const HALVINGS_MAX = 10;
/** The relative change of the loss at which steps end. */
const TOLERANCE = 1e-9;

/**
 * Minimises the log loss of the rows plus `l2 / 2 · Σ coefficient²` (not of the intercept) by iteratively
 * reweighted least squares. A step that raises the loss is halved.
 */
export function fitLogistic(columns: Columns, labels: Uint8Array, range: RowRange, l2: number): LogisticFit {
  const design = new Design(columns, range);
  const newton = new NewtonSystem(design, labels, range, l2);
  let weights = newton.start();
  let loss = newton.assemble(weights);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const direction = newton.direction();
    let next = weights.map((weight, index) => weight + (direction[index] as number));
    let nextLoss = newton.assemble(next);
    for (let halving = 0; nextLoss > loss && halving < HALVINGS_MAX; halving += 1) {
      next = next.map((weight, index) => (weight + (weights[index] as number)) / 2);
      nextLoss = newton.assemble(next);
    }
    if (!(nextLoss <= loss)) break;
    const change = loss - nextLoss;
    [weights, loss] = [next, nextLoss];
    if (change <= TOLERANCE * loss) break;
  }
  return fitFrom(design, weights);
}

function fitFrom(design: Design, weights: Float64Array): LogisticFit {
  const features = design.means.length;
  const terms = Array.from({ length: features }, (_, feature): LogisticTerm => {
    const scale = design.scales[feature] as number;
    const marker = design.marked.indexOf(feature);
    const weight = marker === -1 ? 0 : (weights[features + marker] as number);
    const share = design.missing[feature] as number;
    return {
      mean: design.means[feature] as number,
      scale: scale || 1,
      coefficient: scale > 0 ? (weights[feature] as number) : 0,
      whenPresent: marker === -1 ? 0 : -weight * share,
      whenMissing: marker === -1 ? 0 : weight * (1 - share),
    };
  });
  return { intercept: weights.at(-1) as number, terms };
}

/** What a term adds to the logit of a row with this value. */
export function contributionOf(term: LogisticTerm, value: number): number {
  if (!Number.isFinite(value)) return term.whenMissing;
  return (term.coefficient * (value - term.mean)) / term.scale + term.whenPresent;
}

/** Writes the logits of a range of rows, `into[row - range.start]`. */
export function logisticLogits(
  fit: LogisticFit,
  columns: Columns,
  range: RowRange,
  into: Float64Array,
): void {
  into.fill(fit.intercept);
  fit.terms.forEach((term, feature) => {
    const from = feature * columns.rows + range.start;
    for (let row = 0; row < range.end - range.start; row += 1) {
      (into[row] as number) += contributionOf(term, columns.values[from + row] as number);
    }
  });
}

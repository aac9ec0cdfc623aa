import { BINS } from './bins.js';

/** The penalty of the square of a leaf's value, which keeps leaves of few rows small. */
export const LEAF_PENALTY = 1;
/** The least curvature in a child: about 3 / (p (1 − p)) rows. */
const CURVATURE_MIN = 3;
const GAIN_MIN = 1e-6;
/** Histograms are differences of others, so an empty bin may hold a rest of rounding. */
const ROUNDING = 1e-9;

/** Sums of the first and second derivatives of the loss over some rows. */
export interface Slopes {
  gradient: number;
  curvature: number;
}

/** A question whose answers differ most. Rows with a code from 1 up to `lastLeft` go left. */
export interface Split {
  feature: number;
  lastLeft: number;
  /** Where rows without a value go: where they lower the loss, or with the larger part if there were none. */
  missingLeft: boolean;
  gain: number;
  left: Slopes;
  right: Slopes;
}

/**
 * The split of a node that lowers the loss most; null if none does.
 * @param histogram gradient and curvature of each code of each feature, in turn
 * @param codeCounts the number of codes of each feature, without the one for missing
 */
export function bestSplit(
  histogram: Float64Array,
  codeCounts: readonly number[],
  total: Slopes,
): Split | null {
  let best: Split | null = null;
  const whole = worthOf(total.gradient, total.curvature);
  for (let feature = 0; feature < codeCounts.length; feature += 1) {
    const at = 2 * BINS * feature;
    const missing = { gradient: histogram[at] as number, curvature: histogram[at + 1] as number };
    const hasMissing = missing.curvature > ROUNDING;
    const left: Slopes = { gradient: 0, curvature: 0 };
    for (let code = 1; code <= (codeCounts[feature] as number); code += 1) {
      left.gradient += histogram[at + 2 * code] as number;
      left.curvature += histogram[at + 2 * code + 1] as number;
      for (const missingLeft of hasMissing ? [false, true] : [false]) {
        const leftSide = missingLeft ? sum(left, missing) : left;
        const rightSide = difference(total, leftSide);
        if (leftSide.curvature < CURVATURE_MIN || rightSide.curvature < CURVATURE_MIN) continue;
        const gain =
          worthOf(leftSide.gradient, leftSide.curvature) +
          worthOf(rightSide.gradient, rightSide.curvature) -
          whole;
        if (gain <= (best?.gain ?? GAIN_MIN)) continue;
        const goesLeft = hasMissing ? missingLeft : leftSide.curvature > rightSide.curvature;
        best = {
          feature,
          lastLeft: code,
          missingLeft: goesLeft,
          gain,
          left: { ...leftSide },
          right: rightSide,
        };
      }
    }
  }
  return best;
}

function worthOf(gradient: number, curvature: number): number {
  return (gradient * gradient) / (curvature + LEAF_PENALTY);
}

function sum(a: Slopes, b: Slopes): Slopes {
  return { gradient: a.gradient + b.gradient, curvature: a.curvature + b.curvature };
}

function difference(a: Slopes, b: Slopes): Slopes {
  return { gradient: a.gradient - b.gradient, curvature: a.curvature - b.curvature };
}

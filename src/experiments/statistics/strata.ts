import {
  addTotals,
  type Metric,
  NO_TOTALS,
  type Summary,
  summarise,
  type Totals,
  withSpread,
} from './summary.js';

/** So many units of a stratum each arm has, or the stratum joins the rest. */
export const STRATUM_UNITS_MIN = 30;

/** The totals of each stratum of an arm. */
export type Strata = ReadonlyMap<string, Totals>;

/** Two arms as if their units were spread over the strata alike. */
export interface StratifiedArms {
  control: Summary;
  arm: Summary;
  /** Of the two means: the shares of the strata, which both arms use, are known from these units only. */
  covariance: number;
  /** The number of strata that were large enough, and the rest as one. */
  strata: number;
}

interface Stratum {
  control: Totals;
  arm: Totals;
}

/**
 * Post-stratification: an arm's mean is the mean of its strata, weighted by the strata's shares of the units of both arms.
 * That removes the part of the variance that comes from an unequal spread of, say, countries. The variance has the part
 * within the strata, Σ w² v ÷ n, and that of the weights, Σ w (m_s − m)² ÷ N.
 */
export function postStratify(metric: Metric, control: Strata, arm: Strata): StratifiedArms {
  const strata = mergeSmall(control, arm);
  const units = strata.reduce((sum, { control: a, arm: b }) => sum + a.units + b.units, 0);
  const parts = strata.map((stratum) => ({
    weight: units === 0 ? 0 : (stratum.control.units + stratum.arm.units) / units,
    control: summarise(metric, stratum.control),
    arm: summarise(metric, stratum.arm),
  }));
  const means = {
    control: sumOf(parts, (part) => part.weight * part.control.mean),
    arm: sumOf(parts, (part) => part.weight * part.arm.mean),
  };
  /** The covariance of two means that comes from the weights alone. */
  const ofWeights = (a: keyof Stratum, b: keyof Stratum) => {
    const products = (part: (typeof parts)[number]) =>
      part.weight * (part[a].mean - means[a]) * (part[b].mean - means[b]);
    return units === 0 ? 0 : sumOf(parts, products) / units;
  };
  const summaryOf = (side: keyof Stratum): Summary => {
    const n = sumOf(parts, (part) => part[side].n);
    const within = sumOf(
      parts,
      (part) => (part.weight ** 2 * part[side].variance) / Math.max(1, part[side].n),
    );
    const variance = n * (within + ofWeights(side, side));
    return withSpread(metric, { n, mean: means[side], variance });
  };
  return {
    control: summaryOf('control'),
    arm: summaryOf('arm'),
    covariance: ofWeights('control', 'arm'),
    strata: strata.length,
  };
}

/** Strata that are too small for an arm become one. If that one is too small, it joins the smallest large one. */
function mergeSmall(control: Strata, arm: Strata): Stratum[] {
  const names = [...new Set([...control.keys(), ...arm.keys()])];
  const all = names.map((name) => ({
    control: control.get(name) ?? NO_TOTALS,
    arm: arm.get(name) ?? NO_TOTALS,
  }));
  const large = all.filter((stratum) => unitsOfSmaller(stratum) >= STRATUM_UNITS_MIN);
  const small = all.filter((stratum) => unitsOfSmaller(stratum) < STRATUM_UNITS_MIN);
  if (small.length === 0) return large;
  const rest = small.reduce(merge);
  if (unitsOfSmaller(rest) >= STRATUM_UNITS_MIN) return [...large, rest];
  const [smallest, ...others] = large.toSorted((a, b) => unitsOfSmaller(a) - unitsOfSmaller(b));
  return smallest ? [...others, merge(smallest, rest)] : [rest];
}

function unitsOfSmaller(stratum: Stratum): number {
  return Math.min(stratum.control.units, stratum.arm.units);
}

function merge(a: Stratum, b: Stratum): Stratum {
  return { control: addTotals(a.control, b.control), arm: addTotals(a.arm, b.arm) };
}

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}

import { sortedSample } from '../rows/even-sample.js';

/** Shares of values below, at and between edges, and of missing ones. */
export interface Distribution {
  /** Distinct deciles, ascending. */
  edges: number[];
  /** Below the first edge, at the first edge, up to each further edge, above the last edge, missing. */
  shares: number[];
}

/** Shares below this count as this, so that an empty bin has a logarithm. */
const SHARE_MIN = 1e-4;

/** The distribution of values over their own deciles. Values that are not finite are missing. */
export function distributionOf(values: Float64Array | Float32Array): Distribution {
  const sorted = sortedSample(values, 0, values.length);
  const deciles = Array.from(
    { length: 9 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / 10)],
  );
  const edges = [...new Set(deciles)].filter((edge) => edge !== undefined);
  return { edges, shares: sharesOf(values, edges) };
}

/**
 * The population stability index: Σ (share now − share then) · ln(share now / share then). Above 0.1 a distribution
 * has moved, above 0.2 it has drifted. NaN without values.
 */
export function stabilityIndex(then: Distribution, values: Float64Array | Float32Array): number {
  return sharesOf(values, then.edges).reduce((sum, share, bin) => {
    const now = Math.max(share, SHARE_MIN);
    const before = Math.max(then.shares[bin] as number, SHARE_MIN);
    return sum + (now - before) * Math.log(now / before);
  }, 0);
}

function sharesOf(values: Float64Array | Float32Array, edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length + 3 }, () => 0);
  for (const value of values) (counts[binOf(value, edges)] as number) += 1;
  return counts.map((count) => count / values.length);
}

function binOf(value: number, edges: readonly number[]): number {
  if (!Number.isFinite(value)) return edges.length + 2;
  if (value === edges[0]) return 1;
  let below = 0;
  while (below < edges.length && (edges[below] as number) < value) below += 1;
  return below === 0 ? 0 : below + 1;
}

import { bucketOf, namespaceBucketOf } from '../../platform/bucketing/hash-bucket.js';
import type { NamespaceRange } from '../definitions/experiment.entity.js';
import type { StartedPhase } from '../definitions/started-experiments.js';

/**
 * The place of the arm of a unit; null if the unit does not take part. An arm has the hash buckets from the sum of the
 * weights before it, and as many as coverage times weight: a greater coverage adds units and moves none.
 */
export function chooseArm({ seed, arms, coverage, experiment }: StartedPhase, unit: string): number | null {
  if (!isInNamespace(experiment.namespace, unit)) return null;
  const bucket = bucketOf(seed, unit);
  let from = 0;
  for (const [index, { weight }] of arms.entries()) {
    if (bucket >= from && bucket < from + coverage * weight) return index;
    from += weight;
  }
  return null;
}

function isInNamespace(range: NamespaceRange | null, unit: string): boolean {
  if (range === null) return true;
  const bucket = namespaceBucketOf(unit, range.name);
  return bucket >= range.from && bucket < range.to;
}

import { GrowthBook } from '@growthbook/growthbook';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, namespaceBucketOf } from './hash-bucket.js';

/** Any UTF-16 text that GrowthBook takes for a seed and a unit: it takes no empty ones. */
const text = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' });

/** The bucket that GrowthBook's own client computes. */
function judgedBucket(seed: string, unit: string, hashVersion: number): number | undefined {
  const client = new GrowthBook({ attributes: { id: unit } });
  const { bucket } = client.run({ key: 'judge', variations: [0, 1], seed, hashVersion });
  client.destroy();
  return bucket;
}

function isInNamespace(unit: string, namespace: [name: string, from: number, to: number]): boolean {
  const client = new GrowthBook({ attributes: { id: unit } });
  const { inExperiment } = client.run({ key: 'judge', variations: [0, 1], namespace });
  client.destroy();
  return inExperiment;
}

describe('the bucket of a unit', () => {
  it.each([
    ['seed', 'a', 0.0505],
    ['seed', 'b', 0.2696],
    ['foo', 'ab', 0.2575],
    ['foo', 'def', 0.2019],
    ['89123klj', '8952klfjas09ujkasdf', 0.124],
    ['90850943850283058242805', '123', 0.7516],
    ['()**(%$##$%#$#', '___)((*":&', 0.0128],
  ])('of seed %s and unit %s is the one that GrowthBook publishes', (seed, unit, bucket) => {
    expect(bucketOf(seed, unit)).toBe(bucket);
  });

  it('is the one that the client of GrowthBook computes', () => {
    fc.assert(fc.property(text, text, (seed, unit) => bucketOf(seed, unit) === judgedBucket(seed, unit, 2)));
  });
});

describe('the bucket of a unit in a namespace', () => {
  it.each([
    ['1', 'namespace1', false],
    ['1', 'namespace2', false],
    ['2', 'namespace1', false],
    ['2', 'namespace2', false],
    ['3', 'namespace1', false],
    ['3', 'namespace2', true],
    ['4', 'namespace1', false],
    ['4', 'namespace2', true],
  ])('of unit %s and %s is below 0.4 where GrowthBook says so: %s', (unit, namespace, isBelow) => {
    expect(namespaceBucketOf(unit, namespace) < 0.4).toBe(isBelow);
  });

  it('is the one that the client of GrowthBook computes', () => {
    fc.assert(
      fc.property(text, text, (unit, name) => {
        const bucket = namespaceBucketOf(unit, name);
        return (
          bucket === judgedBucket(`__${name}`, unit, 1) &&
          isInNamespace(unit, [name, bucket, bucket + 0.0005])
        );
      }),
    );
  });
});

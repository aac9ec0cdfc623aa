import { expect, it } from 'vitest';
import { bucketOf } from './bucket.js';

it.each([
  ['seed', 'a', 0.0505],
  ['seed', 'b', 0.2696],
  ['foo', 'ab', 0.2575],
])('the bucket of seed %s and unit %s is the one that GrowthBook publishes', (seed, unit, bucket) => {
  expect(bucketOf(seed, unit)).toBe(bucket);
});

import { describe, expect, it } from 'vitest';
import { orderSegments } from './order-segments.js';

const order = (mentions: Record<string, string[]>) => orderSegments(new Map(Object.entries(mentions)));

describe('the order of segments', () => {
  it('has each after those that it mentions', () => {
    expect(order({ a: ['b', 'c'], b: ['c'], c: [], d: ['a', 'elsewhere'] })).toEqual({
      order: ['c', 'b', 'a', 'd'],
    });
  });

  it.each([
    [{ a: ['a'] }, ['a']],
    [{ start: ['a'], a: ['b'], b: ['c'], c: ['a'] }, ['a', 'b', 'c']],
  ])('does not exist for a cycle: %o', (mentions, cycle) => {
    expect(order(mentions as Record<string, string[]>)).toEqual({ cycle });
  });

  it('is found in a long chain', () => {
    const chain = Array.from({ length: 2000 }, (_, n) => [`s${n}`, [`s${n + 1}`]] as const);
    expect(orderSegments(new Map(chain))).toEqual({ order: chain.map(([name]) => name).toReversed() });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLION, millionthsOf } from './millionths.js';

describe('shares in millionths', () => {
  it.each([
    ['thirds', [1, 1, 1], [333_334, 333_333, 333_333]],
    ['sixths, to the largest remainders', [1, 5], [166_667, 833_333]],
    ['one', [7], [MILLION]],
    ['none', [0, 0], [0, 0]],
  ])('of %s', (_, parts, shares) => {
    expect(millionthsOf(parts)).toEqual(shares);
  });

  it('add up to exactly a million, and differ from the exact ones by less than one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 1, maxLength: 60 }), (parts) => {
        const whole = parts.reduce((sum, part) => sum + part, 0);
        fc.pre(whole > 0);
        const shares = millionthsOf(parts);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(MILLION);
        for (const [index, part] of parts.entries())
          expect(Math.abs((shares[index] ?? 0) - (part / whole) * MILLION)).toBeLessThan(1 + 1e-6);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRetryAt } from './pending-schedule.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RECEIVED_AT = new Date('2027-01-15T08:00:00Z');

const at = (ageMs: number) => new Date(RECEIVED_AT.getTime() + ageMs);
const nextAge = (ageMs: number) => {
  const next = nextRetryAt(RECEIVED_AT, at(ageMs));
  return next && next.getTime() - RECEIVED_AT.getTime();
};

/** The gaps between the attempts for an event whose user never arrives. */
function gaps(): number[] {
  const all: number[] = [];
  for (let age = 0, next = nextAge(0); next !== null; age = next, next = nextAge(next)) all.push(next - age);
  return all;
}

describe('the user of a pending event', () => {
  it('is looked for after 1 minute, 5, 30 and 2 hours, then ever more rarely', () => {
    const all = gaps();

    expect(all.slice(0, 4)).toEqual([MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
  });

  it('is looked for during three days, and then no more', () => {
    expect(gaps().reduce((sum, gap) => sum + gap)).toBe(72 * HOUR_MS);
    expect(nextAge(72 * HOUR_MS)).toBeNull();
    expect(nextAge(30 * 24 * HOUR_MS)).toBeNull();
  });

  it('is always looked for in the future, however late the last look was', () => {
    fc.assert(
      fc.property(fc.nat(72 * HOUR_MS - 1), (ageMs) => {
        expect(nextAge(ageMs)).toBeGreaterThan(ageMs);
        expect(nextAge(ageMs)).toBeLessThanOrEqual(72 * HOUR_MS);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAttemptAt } from './delivery-schedule.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = new Date('2027-01-15T08:00:00Z');

const waitAfter = (failures: number, random = 0) =>
  (nextAttemptAt(failures, NOW, random) ?? NOW).getTime() - NOW.getTime();

/** All waiting times of a message that is never delivered. */
function waits(random = 0): number[] {
  const all: number[] = [];
  for (let failures = 1; nextAttemptAt(failures, NOW, random); failures += 1) {
    all.push(waitAfter(failures, random));
  }
  return all;
}

describe('a message that could not be delivered', () => {
  it('is tried again for at least 72 hours, also without any jitter', () => {
    expect(waits().reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(72 * HOUR_MS);
  });

  it('is tried again after a minute, then ever more rarely, at least every eight hours', () => {
    const all = waits();

    expect(all[0]).toBe(MINUTE_MS);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(all.at(-1)).toBe(8 * HOUR_MS);
  });

  it('never waits shorter than its schedule, nor more than a fifth longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: waits().length }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          expect(waitAfter(failures, random)).toBeGreaterThanOrEqual(waitAfter(failures));
          expect(waitAfter(failures, random)).toBeLessThanOrEqual(1.2 * waitAfter(failures));
        },
      ),
    );
  });

  it('comes back at another time than those that failed with it', () => {
    const instants = Array.from({ length: 20 }, () => nextAttemptAt(8, NOW)?.getTime());
    expect(new Set(instants).size).toBeGreaterThan(1);
  });

  it('is given up after the last attempt', () => {
    const attempts = waits().length + 1;
    expect(nextAttemptAt(attempts, NOW)).toBeNull();
    expect(nextAttemptAt(attempts + 100, NOW)).toBeNull();
  });
});

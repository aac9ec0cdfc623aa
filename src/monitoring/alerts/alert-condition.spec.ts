import { describe, expect, it } from 'vitest';
import { type AlertCondition, nextCondition } from './alert-condition.js';

const THRESHOLD = { enabled: true, fire: 10, resolve: 5, forSeconds: 60, clearSeconds: 120 };
const START: AlertCondition = { state: 'inactive', since: new Date(0), clearSince: null };

/** States after each value, one value every 30 s. */
function statesAfter(values: number[], threshold = THRESHOLD): string {
  let condition = START;
  return values
    .map((value, index) => {
      condition = nextCondition(condition, value, threshold, new Date((index + 1) * 30_000));
      return condition.state;
    })
    .join(' ');
}

describe('an alert', () => {
  it.each<[string, number[], string]>([
    ['stays inactive below its threshold', [0, 9.9], 'inactive inactive'],
    ['is pending at its threshold, and fires after a minute', [10, 10, 10], 'pending pending firing'],
    ['is inactive again when it was only pending', [10, 9, 10, 10], 'pending inactive pending pending'],
    [
      'is not over between its thresholds',
      [10, 10, 10, 9, 5, 9, 9, 9, 9],
      'pending pending firing firing firing firing firing firing firing',
    ],
    [
      'is over after two minutes below the lower one',
      [10, 10, 10, 4, 4, 4, 4, 4],
      'pending pending firing firing firing firing firing resolved',
    ],
    [
      'restarts the count when it is wrong in between',
      [10, 10, 10, 4, 4, 5, 4, 4, 4, 4, 4],
      'pending pending firing firing firing firing firing firing firing firing resolved',
    ],
  ])('%s', (_name, values, states) => {
    expect(statesAfter(values)).toBe(states);
  });

  it('fires and is over at once where nothing is to be waited for', () => {
    const threshold = { ...THRESHOLD, forSeconds: 0, clearSeconds: 0 };
    expect(statesAfter([10, 4, 4, 11], threshold)).toBe('firing resolved resolved firing');
  });

  it('keeps the time since when it is as it is', () => {
    const firing = nextCondition(START, 10, { ...THRESHOLD, forSeconds: 0 }, new Date(1000));
    expect(nextCondition(firing, 10, THRESHOLD, new Date(9000)).since).toEqual(new Date(1000));
  });
});

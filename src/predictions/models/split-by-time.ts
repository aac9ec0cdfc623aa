import type { RowRange } from './rows/columns.js';
import type { TrainingSet } from './training-set.js';

const DAY_MS = 86_400_000;
/** The newest fifth of the rows is the test; the newest quarter of the rows before its gap is the validation. */
const TEST_SHARE = 0.2;
const VALIDATION_SHARE = 0.25;

/** Ranges of rows, oldest first. */
export interface Parts {
  train: RowRange;
  validation: RowRange;
  test: RowRange;
}

/**
 * Splits rows by time. The windows of a part end before the next part begins: rows in between belong to no part, as
 * their labels would show what happened in the next one.
 */
export function splitByTime({ times, rows, windowDays }: TrainingSet): Parts {
  const gap = windowDays * DAY_MS;
  const startOfLast = (end: number, share: number) => {
    return end === 0 ? 0 : firstAt(times, end, times[Math.floor((1 - share) * end)] as number);
  };
  const endBefore = (start: number) =>
    start === rows ? 0 : firstAt(times, start, (times[start] as number) - gap);
  const test = { start: startOfLast(rows, TEST_SHARE), end: rows };
  const validationEnd = rows === 0 ? 0 : endBefore(test.start);
  const validation = { start: startOfLast(validationEnd, VALIDATION_SHARE), end: validationEnd };
  const trainEnd = validationEnd === 0 ? 0 : endBefore(validation.start);
  return { train: { start: 0, end: trainEnd }, validation, test };
}

/** The first of `end` rows whose time is at least `time`; `end` if there is none. */
function firstAt(times: Float64Array, end: number, time: number): number {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { Window } from './rule.js';

/**
 * The truth of a condition and when time alone may change it, as one number: the time of the flip in milliseconds since
 * 1970, negative while the condition is false. Infinity is true for ever, and -Infinity false for ever.
 *
 * That makes `not` a minus, `all` the minimum and `any` the maximum. A group that is true stays so until the first of its
 * members flips (`all`), or the last of the true ones (`any`). A false one stays so in the same way.
 */
export type Verdict = number;

export const ALWAYS: Verdict = Infinity;
export const NEVER: Verdict = -Infinity;

export function settled(isTrue: boolean): Verdict {
  return isTrue ? ALWAYS : NEVER;
}

/** True while a time is less than a window ago. */
export function lessThanAgo(time: number | null, window: number, now: number): Verdict {
  return time !== null && time + window > now ? time + window : NEVER;
}

/** True once a time is a window ago. */
export function atLeastAgo(time: number | null, window: number, now: number): Verdict {
  if (time === null) return NEVER;
  return time + window <= now ? ALWAYS : -(time + window);
}

const MINUTE = 60_000;

/** The length of a window in milliseconds. */
export function lengthOf(window: Window): number {
  if ('days' in window) return window.days * 1440 * MINUTE;
  return 'hours' in window ? window.hours * 60 * MINUTE : window.minutes * MINUTE;
}

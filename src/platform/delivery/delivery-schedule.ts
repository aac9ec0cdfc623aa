const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Waiting times after each failed attempt: more than 72 hours in all. */
const DELAYS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  ...Array.from({ length: 9 }, () => 8 * HOUR_MS),
];
/** Attempts that failed together are spread over a fifth of the wait. */
const JITTER = 0.2;

/**
 * The time of the next attempt after the n-th failed one, or null if there is none.
 * @param random a number in [0, 1)
 */
export function nextAttemptAt(failedAttempts: number, now: Date, random = Math.random()): Date | null {
  const delay = DELAYS_MS[failedAttempts - 1];
  return delay === undefined ? null : new Date(now.getTime() + delay * (1 + random * JITTER));
}

/** What waits for the same time is spread over the same time again, up to this limit. */
const SPREAD_MAX_MS = 30_000;

/** A random time from `until` on. */
export function spread(until: Date): Date {
  const spreadMs = Math.min(Math.max(until.getTime() - Date.now(), 0), SPREAD_MAX_MS);
  return new Date(until.getTime() + Math.random() * spreadMs);
}

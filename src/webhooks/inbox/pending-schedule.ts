const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The ages of a pending event, in milliseconds, at which its user is looked up again. The last is three days.
 */
const RETRY_AGES_MS = [
  1 * MINUTE_MS,
  6 * MINUTE_MS,
  36 * MINUTE_MS,
  2.6 * HOUR_MS,
  8.6 * HOUR_MS,
  20 * HOUR_MS,
  32 * HOUR_MS,
  44 * HOUR_MS,
  56 * HOUR_MS,
  72 * HOUR_MS,
];

/** When the user of a pending event is looked up next; null after three days. */
export function nextRetryAt(receivedAt: Date, now: Date): Date | null {
  const age = RETRY_AGES_MS.find((candidate) => receivedAt.getTime() + candidate > now.getTime());
  return age === undefined ? null : new Date(receivedAt.getTime() + age);
}

const HOUR_MS = 3_600_000;

/** How many mails left within an hour (of UTC). */
export interface HourCount {
  hour: Date;
  count: number;
}

/**
 * When one more mail is within the cap. Null means now. The window slides by whole hours and includes the
 * current one. The result is the hour at which enough counted mails have left the window.
 * @param cap 0 means no cap
 */
export function roomAt(
  counts: readonly HourCount[],
  { cap, hours }: { cap: number; hours: number },
  now: Date,
): Date | null {
  if (cap === 0) return null;
  const firstHour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS;
  const inWindow = counts
    .filter(({ hour }) => hour.getTime() >= firstHour)
    .toSorted((a, b) => a.hour.getTime() - b.hour.getTime());
  let left = inWindow.reduce((sum, { count }) => sum + count, 0);
  let roomFrom: Date | null = null;
  for (const { hour, count } of inWindow) {
    if (left < cap) break;
    left -= count;
    roomFrom = new Date(hour.getTime() + hours * HOUR_MS);
  }
  return roomFrom;
}

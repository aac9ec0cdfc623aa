const HOUR_MS = 3_600_000;

/** How many mails left within an hour (of UTC). */
export interface HourCount {
  hour: Date;
  count: number;
}

/**
 * When one mail more is within the cap: null is now. The window slides by whole hours, the current one among
 * them, so the answer is the hour in which enough of what was counted has left it.
 * @param cap 0 is none
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

import type { QuietHours } from '../notifications.settings.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/**
 * When the quiet hours end in the customer's time zone, or null if it is not quiet now. An end that does not
 * exist in spring is the moment of the clock change. An end that occurs twice in autumn counts both times.
 * Quiet hours that have begun do not end because their start occurs again.
 * @param timezone IANA name; UTC is used for one that Intl does not know
 */
export function quietUntil(now: Date, { from, to }: QuietHours, timezone: string): Date | null {
  const clock = wallClock(timezone);
  const isQuiet = (minutes: number) => {
    const time = clock(new Date(minutes * MINUTE_MS));
    return from < to ? from <= time && time < to : from <= time || time < to;
  };
  const start = Math.floor(now.getTime() / MINUTE_MS);
  if (!isQuiet(start)) return null;
  let quiet = start;
  let end = start;
  // This runs once, unless the clock is set back before the end: then the quiet hours are longer.
  while (isQuiet(end)) {
    quiet = end;
    end += (to - clock(new Date(end * MINUTE_MS)) + DAY_MINUTES) % DAY_MINUTES;
  }
  // If the clock is set forward before the end, they are shorter: find the first minute that is not quiet.
  while (end - quiet > 1) {
    const middle = Math.floor((quiet + end) / 2);
    if (isQuiet(middle)) quiet = middle;
    else end = middle;
  }
  return new Date(end * MINUTE_MS);
}

/** Minutes after midnight on the local clock. */
function wallClock(timezone: string): (time: Date) => number {
  const format = formatFor(timezone);
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    return Number(parts.hour) * 60 + Number(parts.minute);
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en', { ...options, timeZone });
  } catch (error) {
    if (error instanceof RangeError) return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' });
    throw error;
  }
}

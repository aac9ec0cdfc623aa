import type { QuietHours } from '../../platform/config/app-config.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/**
 * When the quiet hours end where the customer is; null when it is not quiet now, by a clock on the wall there.
 * An end that the clock leaps over in spring is the leap; one that it shows twice in autumn holds twice. Hours
 * that have begun are not broken off because their start comes a second time.
 * @param timezone IANA name; UTC is taken for one that Intl does not know
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
  // Once, unless the clock is set back meanwhile: then it is quiet for longer than it seemed.
  while (isQuiet(end)) {
    quiet = end;
    end += (to - clock(new Date(end * MINUTE_MS)) + DAY_MINUTES) % DAY_MINUTES;
  }
  // Set forward meanwhile, it was over earlier: the first minute that is not quiet.
  while (end - quiet > 1) {
    const middle = Math.floor((quiet + end) / 2);
    if (isQuiet(middle)) quiet = middle;
    else end = middle;
  }
  return new Date(end * MINUTE_MS);
}

/** Minutes after midnight that a clock there shows. */
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

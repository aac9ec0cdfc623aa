import type { CalendarPeriod, PeriodName } from './rule.js';

/** A period in milliseconds since 1970, from its first moment to the first moment after it. */
export interface Period {
  start: number;
  end: number;
}

const DAY = 86_400_000;
/** More than the distance of any zone from UTC. */
const FURTHEST = 16 * 3_600_000;

/** Gives the period of a time. It keeps the last answer, because most times are in the same period. */
export function periodClock({ period, zone }: CalendarPeriod): (now: number) => Period {
  const dayOf = dayInZone(zone);
  let last: Period = { start: 0, end: 0 };
  return (now) => {
    if (now < last.start || now >= last.end) {
      const [first, next] = BOUNDS[period](dayOf(now));
      last = { start: firstMoment(first, dayOf), end: firstMoment(next, dayOf) };
    }
    return last;
  };
}

/** The first day of the period of a day, and of the next period. Days are midnights of UTC. */
const BOUNDS: Record<PeriodName, (day: number) => [first: number, next: number]> = {
  today: (day) => [day, day + DAY],
  this_week: (day) => {
    const monday = day - ((new Date(day).getUTCDay() + 6) % 7) * DAY;
    return [monday, monday + 7 * DAY];
  },
  this_month: (day) => {
    const date = new Date(day);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  },
};

/** Gives the date of a time in a zone, as midnight of UTC. */
function dayInZone(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return (time) => {
    const parts = Object.fromEntries(
      format.formatToParts(time).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day);
  };
}

/** The first millisecond whose date is the day or later. Where clocks change at midnight, it is another time of day. */
function firstMoment(day: number, dayOf: (time: number) => number): number {
  let [before, after] = [day - FURTHEST, day + FURTHEST];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayOf(middle) >= day) after = middle;
    else before = middle;
  }
  return after;
}

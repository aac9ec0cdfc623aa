import { DomainError } from '../../platform/http/domain-error.js';

const MONTHS_MAX = 36;
const MONTHS_BY_DEFAULT = 12;

/** The months of a report. */
export interface Months {
  zone: string;
  /** The first days of the first and of the last month (YYYY-MM-DD). */
  first: string;
  last: string;
  /** All of them, oldest first (YYYY-MM). */
  names: string[];
  /** The present month (YYYY-MM): it and all later ones are not over. */
  present: string;
}

/** @throws DomainError period_invalid */
export function monthsOf(
  { from, to, zone }: { from?: string; to?: string; zone: string },
  now: Date,
): Months {
  const present = monthIn(zone, now);
  const last = numberOf(to ?? present);
  const first = from ? numberOf(from) : last - MONTHS_BY_DEFAULT + 1;
  const count = last - first + 1;
  if (count < 1 || count > MONTHS_MAX)
    throw new DomainError('period_invalid', `to must not be before from; at most ${MONTHS_MAX} months`);
  const names = Array.from({ length: count }, (_, index) => nameOf(first + index));
  return { zone, first: `${nameOf(first)}-01`, last: `${nameOf(last)}-01`, names, present };
}

/** @param from YYYY-MM, with or without a day, as `to` */
export function monthsBetween(from: string, to: string): number {
  return numberOf(to) - numberOf(from);
}

function monthIn(zone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: '2-digit' });
  const { year, month } = Object.fromEntries(
    parts.formatToParts(now).map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}`;
}

/** Months since the year 0. */
function numberOf(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

function nameOf(number: number): string {
  return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;
}

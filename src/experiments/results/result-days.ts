import type { ArmDays, AssignedDay } from '../statistics/running-totals.js';
import type { OutcomeCell } from './outcomes.queries.js';
import type { UnitCell } from './units.queries.js';

const DAY_MS = 86_400_000;
/** The curve of a longer experiment shows every second day, or fewer. */
const CURVE_DAYS_MAX = 60;

/** All days from the start to `last`, oldest first. Both are ISO dates. */
export function daysUntil(first: string, last: string): string[] {
  const count = Math.max(1, Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1);
  return Array.from({ length: count }, (_, index) => plusDays(last, index + 1 - count));
}

/** The number of days from one of a curve to the next. */
export function stepOf(days: readonly string[]): number {
  return Math.ceil(days.length / CURVE_DAYS_MAX);
}

/** Every so many of the days, counted back from the last one. */
export function thinOut<T>(days: readonly T[], everyDays: number): T[] {
  return days.filter((_, index) => (days.length - 1 - index) % everyDays === 0);
}

/** The units that each arm got on each day. */
export function assignedDays(cells: readonly UnitCell[], arms: readonly string[]): AssignedDay[] {
  return cells.map(({ armIndex, day, units }) => ({ arm: arms[armIndex] ?? '', day, units }));
}

/**
 * The units by the day on which their window closed, with what they did in it. On the day of `asOf` only the windows of
 * units that were assigned early enough have closed.
 */
export function closedDays(
  cells: readonly UnitCell[],
  outcomes: readonly OutcomeCell[],
  { arms, withinDays, asOf }: { arms: readonly string[]; withinDays: number; asOf: Date },
): ArmDays {
  const keyOf = ({ armIndex, stratum, day }: Pick<OutcomeCell, 'armIndex' | 'stratum' | 'day'>) =>
    `${armIndex}/${stratum}/${day}`;
  const sums = new Map(outcomes.map((cell) => [keyOf(cell), cell]));
  const lastDay = dateOf(asOf);
  return mergePhases(cells, keyOf).flatMap((cell) => {
    const day = plusDays(cell.day, withinDays);
    const units = day === lastDay ? cell.early : cell.units;
    if (day > lastDay || units === 0) return [];
    const { sum = 0, sumOfSquares = 0 } = sums.get(keyOf(cell)) ?? {};
    return { arm: arms[cell.armIndex] ?? '', stratum: String(cell.stratum), day, units, sum, sumOfSquares };
  });
}

/** The cells without their phases: the stratum of all small ones has units of several. */
function mergePhases(cells: readonly UnitCell[], keyOf: (cell: UnitCell) => string): UnitCell[] {
  const merged = new Map<string, UnitCell>();
  for (const cell of cells) {
    const { units, early } = merged.get(keyOf(cell)) ?? { units: 0, early: 0 };
    merged.set(keyOf(cell), { ...cell, units: units + cell.units, early: early + cell.early });
  }
  return [...merged.values()];
}

/** The ISO date in UTC. */
export function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function plusDays(date: string, days: number): string {
  return dateOf(new Date(Date.parse(date) + days * DAY_MS));
}

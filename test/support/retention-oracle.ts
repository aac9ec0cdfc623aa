import type { Behaviour } from './behaviour.js';

export interface Retention {
  first: string;
  returning: string;
  zone: string;
  weeks: number;
  counting: 'in_week' | 'in_week_or_later';
  rolling: boolean;
  asOf: Date;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** The Monday of the week of a moment in a zone, as midnight in UTC of that date. */
export function mondayOf(moment: Date, zone: string): number {
  const date = Date.parse(moment.toLocaleDateString('en-CA', { timeZone: zone }));
  return date - ((new Date(date).getUTCDay() + 6) % 7) * DAY_MS;
}

/** The cohorts of an answer, by looking at each person and each cell. */
export function cohortsOf(events: readonly Behaviour[], retention: Retention): object[] {
  const { first, returning, zone, weeks, asOf, rolling } = retention;
  const known = events.filter(({ at }) => at <= asOf);
  const people = [...new Set(known.map(({ userId }) => userId))].flatMap((userId) => {
    const ofPerson = known.filter((event) => event.userId === userId);
    const firsts = ofPerson.filter(({ name }) => name === first).map(({ at }) => at.getTime());
    if (firsts.length === 0) return [];
    const firstAt = Math.min(...firsts);
    const cohort = mondayOf(new Date(firstAt), zone);
    const returns = ofPerson.filter(({ name, at }) => name === returning && at.getTime() >= firstAt);
    const weekOf = (at: Date) =>
      rolling ? Math.floor((at.getTime() - firstAt) / WEEK_MS) : (mondayOf(at, zone) - cohort) / WEEK_MS;
    return [{ cohort, returns: returns.map(({ at }) => weekOf(at)) }];
  });
  const present = mondayOf(asOf, zone);
  return Array.from({ length: weeks }, (_, index) => present - (weeks - 1 - index) * WEEK_MS).map(
    (cohort) => {
      const members = people.filter((person) => person.cohort === cohort);
      const cells = Array.from({ length: (present - cohort) / WEEK_MS + 1 }, (_, week) => {
        if (!isOver(cohort, week, retention)) return { week, persons: null, rate: null };
        const returned = members.filter(({ returns }) =>
          returns.some((of) => (retention.counting === 'in_week' ? of === week : of >= week)),
        ).length;
        return { week, persons: returned, rate: members.length === 0 ? null : returned / members.length };
      });
      const week = new Date(cohort).toISOString().slice(0, 10);
      return { week, isOver: cohort < present, persons: members.length, cells };
    },
  );
}

function isOver(cohort: number, week: number, { zone, asOf, rolling }: Retention): boolean {
  if (!rolling) return cohort + (week + 1) * WEEK_MS <= mondayOf(asOf, zone);
  return beginningOf(cohort + WEEK_MS, zone) + (week + 1) * WEEK_MS <= asOf.getTime();
}

/** The moment at which the week of a Monday begins in a zone, found by trying. */
function beginningOf(monday: number, zone: string): number {
  let moment = monday - 15 * 3_600_000;
  while (mondayOf(new Date(moment), zone) < monday) moment += 15 * 60_000;
  return moment;
}

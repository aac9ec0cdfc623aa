import { firstMoment } from '../../../platform/database/first-moment.js';
import type { RetentionDto } from '../definitions/retention.dto.js';
import { eventCondition } from '../sql/event-conditions.js';
import { limitsOfEvents } from '../sql/left-out-events.js';
import type { Findings, QuestionContext } from '../sql/question-context.js';
import { SqlValues } from '../sql/sql-values.js';
import type { RetentionCellDto, RetentionResultDto } from './retention-result.dto.js';

export async function answerRetention(question: RetentionDto, context: QuestionContext): Promise<Findings> {
  const calendar = await calendarOf(question, context);
  const counts = await countReturns(question, calendar, context);
  const result: RetentionResultDto = {
    cohorts: calendar.weeks.slice(0, -1).map((monday, cohort) => {
      const ofCohort = counts.filter((count) => count.cohort === cohort);
      const persons = ofCohort.find(({ week }) => week === null)?.persons ?? 0;
      const cells = calendar.weeks.slice(cohort, -1).map((_, week): RetentionCellDto => {
        if (!isOver(question, calendar, { cohort, week })) return { week, persons: null, rate: null };
        const returned = returnedIn(question, ofCohort, week);
        return { week, persons: returned, rate: persons === 0 ? null : returned / persons };
      });
      return { week: monday, isOver: isPast(calendar, cohort + 1), persons, cells };
    }),
  };
  const [from = context.asOf] = calendar.starts;
  const period = { from, to: context.asOf };
  return {
    period,
    limits: await limitsOfEvents([question.first, question.returning], period, context),
    result,
  };
}

/** The weeks of the cohorts, oldest first, and the week after the present one. */
interface Calendar {
  /** Mondays (YYYY-MM-DD). */
  weeks: string[];
  /** The moments at which they begin in the zone. */
  starts: Date[];
  asOf: Date;
}

async function calendarOf(
  { weeks, zone }: RetentionDto,
  { manager, asOf }: QuestionContext,
): Promise<Calendar> {
  const rows: { week: string; start: Date }[] = await manager.query(CALENDAR, [asOf, zone, weeks]);
  return { weeks: rows.map(({ week }) => week), starts: rows.map(({ start }) => start), asOf };
}

const CALENDAR = `
  select to_char(monday, 'YYYY-MM-DD') as week, ${firstMoment('monday', '$2')} as start
  from (select date_trunc('week', $1::timestamptz at time zone $2) as present) as present,
    generate_series(1 - $3::int, 1) as week,
    lateral (select present + week * interval '7 days' as monday) as mondays
  order by 1`;

const WEEK_MS = 7 * 86_400_000;

/** A rolling week is over when it is for a person who joined in the last moment of the cohort's week. */
function isOver(
  { rolling }: RetentionDto,
  calendar: Calendar,
  { cohort, week }: { cohort: number; week: number },
): boolean {
  if (!rolling) return isPast(calendar, cohort + week + 1);
  return isPast(calendar, cohort + 1, (week + 1) * WEEK_MS);
}

/** Whether the beginning of a week, plus some milliseconds, is in the past. */
function isPast({ starts, asOf }: Calendar, week: number, plusMs = 0): boolean {
  const start = starts[week];
  return start !== undefined && start.getTime() + plusMs <= asOf.getTime();
}

/** Persons by cohort and week; without a week all persons of the cohort. */
interface ReturnCount {
  cohort: number;
  week: number | null;
  persons: number;
}

function returnedIn({ counting }: RetentionDto, counts: readonly ReturnCount[], week: number): number {
  const counted = counts.filter((count) =>
    counting === 'in_week' ? count.week === week : (count.week ?? -1) >= week,
  );
  return counted.reduce((sum, { persons }) => sum + persons, 0);
}

/** Persons are counted slice by slice: each one is in one slice, so that counts can be added up. */
async function countReturns(
  question: RetentionDto,
  calendar: Calendar,
  { manager, slices }: QuestionContext,
): Promise<ReturnCount[]> {
  const sums = new Map<string, ReturnCount>();
  for (let slice = 0; slice < slices; slice += 1) {
    const values = new SqlValues();
    const sql = returnsSql(question, calendar, { slice, slices }, values);
    for (const row of await manager.query<ReturnCount[]>(sql, values.list)) {
      const key = `${row.cohort} ${row.week}`;
      sums.set(key, { ...row, persons: row.persons + (sums.get(key)?.persons ?? 0) });
    }
  }
  return [...sums.values()];
}

/** For `in_week_or_later` a person counts once, in the last week with a return. */
function returnsSql(
  { first, returning, rolling, counting }: RetentionDto,
  { starts, asOf }: Calendar,
  { slice, slices }: { slice: number; slices: number },
  values: SqlValues,
): string {
  const until = values.add(asOf, 'timestamptz');
  const boundaries = values.add(starts, 'timestamptz[]');
  const weekOf = (moment: string) => `width_bucket(${moment}, ${boundaries}) - 1`;
  const week = rolling
    ? `floor(extract(epoch from occurred_at - first_at) / ${WEEK_MS / 1000})::int`
    : `${weekOf('occurred_at')} - cohort`;
  const isInSlice = slices === 1 ? 'person_id is not null' : `person_id % ${slices} = ${slice}`;
  const begin = values.add(starts[0], 'timestamptz');
  return `
    with firsts as materialized (
      select person_id, first_at, ${weekOf('first_at')} as cohort
      from (
        select person_id, min(occurred_at) as first_at from behaviour_events
        where ${eventCondition(first, values)} and ${isInSlice} and occurred_at <= ${until}
        group by person_id
      ) as people
      where first_at >= ${begin}
    ), returns as (
      select person_id, cohort, ${counting === 'in_week' ? week : `max(${week})`} as week
      from behaviour_events join firsts using (person_id)
      where ${eventCondition(returning, values)} and ${isInSlice}
        and occurred_at >= first_at and occurred_at >= ${begin} and occurred_at <= ${until}
      group by person_id, cohort${counting === 'in_week' ? ', 3' : ''}
    )
    select cohort, null as week, count(*)::int as persons from firsts group by cohort
    union all
    select cohort, week, count(*)::int from returns group by 1, 2`;
}

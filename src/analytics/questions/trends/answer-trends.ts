import type { EventSelectionDto } from '../definitions/event-selection.dto.js';
import type { TrendBreakdownDto, TrendsDto } from '../definitions/trends.dto.js';
import { eventCondition, propertyText } from '../sql/event-conditions.js';
import { type Findings, type Moments, momentsOf, type QuestionContext } from '../sql/question-context.js';
import { SqlValues } from '../sql/sql-values.js';
import { findTopValues } from '../sql/top-values.js';
import type { TrendPointDto, TrendSeriesDto, TrendsResultDto } from './trends-result.dto.js';

export async function answerTrends(question: TrendsDto, context: QuestionContext): Promise<Findings> {
  const period = await momentsOf(question, context);
  const until = { ...period, to: new Date(Math.min(period.to.getTime(), context.asOf.getTime())) };
  const series: TrendSeriesDto[] = [];
  const limits = [];
  for (const [index, event] of question.events.entries()) {
    const top = await topValuesOf(event, question.breakdown, until, context);
    limits.push(...top.limits);
    const rows = await countPoints(event, question, { period: until, top: top.values }, context);
    series.push(...seriesFrom(rows, event.name, index + 1, top.values));
  }
  const result: TrendsResultDto = { series };
  return { period, limits, result };
}

/** The code of a series: 1 … 50 are the values in their order. */
const OTHER = 0;

/** A point of a series; the row without `at` is the sum of the series, and the one without a code the point itself. */
interface PointRow {
  at: Date | null;
  code: number | null;
  events: number;
  persons: number;
}

async function topValuesOf(
  event: EventSelectionDto,
  breakdown: TrendBreakdownDto | undefined,
  period: Moments,
  { manager }: QuestionContext,
) {
  if (!breakdown) return { values: [], limits: [] };
  const values = new SqlValues();
  return findTopValues(manager, valuesSql(event, breakdown, period, values), values);
}

/** The events with the `value` of the breakdown. */
function valuesSql(
  event: EventSelectionDto,
  { by, property = '' }: TrendBreakdownDto,
  period: Moments,
  values: SqlValues,
): string {
  const events = eventsSql(event, period, values);
  if (by === 'property') {
    const name = values.add(property, 'text');
    return `select occurred_at, person_id, ${propertyText(property, values)} as value,
      length(properties ->> ${name}) as length from (${events}) as events`;
  }
  return `select occurred_at, person_id, coalesce(source, 'unknown') as value, 0 as length
    from (${events}) as events left join people using (person_id) left join (${SOURCES}) as sources using (user_id)`;
}

/** The acquisition source of each user: that of the first customer. */
const SOURCES = `
  select distinct on (user_id) user_id, source from analytics_events
  where name = 'customer_created' order by user_id, occurred_at, id`;

function eventsSql(event: EventSelectionDto, { from, to }: Moments, values: SqlValues): string {
  return `select occurred_at, person_id, properties from behaviour_events
    where ${eventCondition(event, values)} and person_id is not null
      and occurred_at >= ${values.add(from, 'timestamptz')} and occurred_at < ${values.add(to, 'timestamptz')}`;
}

/** All points of the period, and the sums of each series. Two groupings take less time than `count(distinct …)`, which sorts. */
function countPoints(
  event: EventSelectionDto,
  { breakdown, unit, zone }: TrendsDto,
  { period, top }: { period: Moments; top: readonly (string | null)[] },
  { manager }: QuestionContext,
): Promise<PointRow[]> {
  const values = new SqlValues();
  const [inZone, ofUnit] = [values.add(zone, 'text'), values.add(unit, 'text')];
  const source = breakdown
    ? `select *, coalesce(array_position(${values.add(top, 'text[]')}, value), ${OTHER}) as code
       from (${valuesSql(event, breakdown, period, values)}) as valued`
    : `select *, null::int as code from (${eventsSql(event, period, values)}) as events`;
  const [from, to] = [values.add(period.from, 'timestamptz'), values.add(period.to, 'timestamptz')];
  const sql = `
    with per_person as materialized (
      select date_trunc(${ofUnit}, occurred_at, ${inZone}) as at, code, person_id, count(*) as events
      from (${source}) as source
      group by 1, 2, 3
    ), counted as (
      select at, code, sum(events)::int as events, count(*)::int as persons from per_person group by 1, 2
      union all
      select null, code, sum(events)::int, count(*)::int
      from (select code, person_id, sum(events) as events from per_person group by 1, 2) as people
      group by 2
    ), beginnings as (
      ${unit === 'hour' ? hours(from, to, inZone) : days(from, to, { inZone, ofUnit })}
    )
    select case when at is not null then greatest(at, ${from}) end as at, code, events, persons from counted
    union all
    select greatest(at, ${from}), -1, 0, 0 from beginnings where at < ${to}
    order by 1 nulls first`;
  return manager.query(sql, values.list);
}

const hours = (from: string, to: string, zone: string) =>
  `select at from generate_series(date_trunc('hour', ${from}, ${zone}), ${to}, interval '1 hour') as at`;

/** Days of the zone: 23 or 25 hours long where clocks change. */
const days = (from: string, to: string, { inZone, ofUnit }: { inZone: string; ofUnit: string }) =>
  `select day at time zone ${inZone} as at from generate_series(
     date_trunc(${ofUnit}, ${from} at time zone ${inZone}), ${to} at time zone ${inZone},
     ('1 ' || ${ofUnit})::interval) as day`;

function seriesFrom(
  rows: readonly PointRow[],
  name: string,
  event: number,
  top: readonly (string | null)[],
): TrendSeriesDto[] {
  const points = [...new Set(rows.flatMap(({ at }) => (at ? [at.getTime()] : [])))].toSorted((a, b) => a - b);
  const sums = rows.filter(({ at }) => at === null);
  if (sums.length === 0 && top.length === 0) sums.push({ at: null, code: null, events: 0, persons: 0 });
  const byCode = new Map<number | null, Map<number, PointRow>>();
  for (const row of rows.filter(({ at }) => at !== null)) {
    const ofCode = byCode.get(row.code) ?? new Map<number, PointRow>();
    byCode.set(row.code, ofCode.set(row.at?.getTime() ?? 0, row));
  }
  return sums
    .toSorted((a, b) => rankOf(a.code) - rankOf(b.code))
    .map(({ code, events, persons }) => {
      const counted = byCode.get(code);
      const series = points.map((at): TrendPointDto => {
        const row = counted?.get(at);
        return { at: new Date(at), events: row?.events ?? 0, persons: row?.persons ?? 0 };
      });
      return { name, event, ...labelOf(code, top), events, persons, points: series };
    });
}

function labelOf(code: number | null, top: readonly (string | null)[]): Pick<TrendSeriesDto, 'is' | 'value'> {
  if (code === null) return { is: 'total', value: null };
  if (code === OTHER) return { is: 'other', value: null };
  const value = top[code - 1] ?? null;
  return { is: value === null ? 'missing' : 'value', value };
}

/** Values in their order, then all others. */
function rankOf(code: number | null): number {
  return code === OTHER ? Number.MAX_SAFE_INTEGER : (code ?? 0);
}

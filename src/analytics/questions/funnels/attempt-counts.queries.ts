import type { EntityManager } from 'typeorm';
import type { SqlValues } from '../sql/sql-values.js';
import { GROUP, type Way } from './way.js';

/** What became of the attempts of a group. Arrays have an entry for each step, in order. */
export interface AttemptCounts {
  code: number;
  /** Persons whose attempts are all void. */
  voided: number;
  /** Persons who filled the step. */
  reached: number[];
  /** Those of them whose window has closed. */
  reachedClosed: number[];
  /** Seconds from the first step to the last one; null if there were no conversions. */
  p50: number | null;
  p90: number | null;
  /** Kaplan–Meier: the share that is not converted at the end of the window, and Greenwood's sum. */
  survival: number;
  greenwood: number;
  /** Conversions by the number of the interval between the edges, from 1. */
  histogram: Record<string, number>;
}

/** Persons of a group by the number of steps that they filled, and the times of the group. */
export interface AttemptRow {
  code: number;
  /** The persons who filled 0, 1, 2 … steps, and those of them whose window has closed. */
  persons: Record<string, number>;
  closed: Record<string, number>;
  times: Pick<AttemptCounts, 'p50' | 'p90'> | null;
  survival: Pick<AttemptCounts, 'survival' | 'greenwood'> | null;
  histogram: Record<string, number> | null;
}

/**
 * Counts attempts, in total and by group.
 * @param attempts SQL with the columns of `attemptsSql`
 * @param edges seconds at which the intervals of the histogram begin
 */
export async function countAttempts(
  manager: EntityManager,
  attempts: string,
  way: Pick<Way, 'asOf' | 'windowMs'> & { stepCount: number; hasGroups: boolean },
  { edges, values }: { edges: readonly number[]; values: SqlValues },
): Promise<AttemptCounts[]> {
  const asOf = values.add(way.asOf, 'timestamptz');
  const window = `make_interval(secs => ${values.add(way.windowMs / 1000, 'float8')})`;
  const inGroups = way.hasGroups
    ? 'select code, depth, entered_at, converted_at from attempts union all'
    : '';
  const sql = `
    with attempts as (${attempts}), grouped (code, depth, entered_at, converted_at) as (
      ${inGroups} select ${GROUP.total}, depth, entered_at, converted_at from attempts
    ), timed as materialized (
      ${timedSql('grouped', { stepCount: way.stepCount, asOf, window })}
    ), counted as (
      select code, depth, count(*) as persons, count(*) filter (where is_closed) as closed
      from timed group by code, depth
    ), totals as (
      select code, sum(persons) filter (where depth > 0) as entries,
        jsonb_object_agg(depth, persons) as persons, jsonb_object_agg(depth, closed) as closed
      from counted group by code
    ), ${TIMES}, ${SURVIVAL}, histograms as (
      select code, jsonb_object_agg(bucket, conversions) as histogram from (
        select code, width_bucket(seconds, ${values.add(edges, 'float8[]')}) as bucket, count(*) as conversions
        from timed where is_converted group by 1, 2
      ) as buckets group by code
    )
    select code, persons, closed, to_jsonb(t) as times, to_jsonb(s) as survival, histogram
    from totals left join times t using (code) left join survivals s using (code) left join histograms using (code)
    order by code`;
  const rows = await manager.query<AttemptRow[]>(sql, values.list);
  return rows.map((row) => countsFrom(row, way.stepCount));
}

/** Attempts with what counts of their times: that of conversions, and for how long open attempts were watched. */
export function timedSql(
  attempts: string,
  { stepCount, asOf, window }: { stepCount: number; asOf: string; window: string },
): string {
  return `select code, depth, depth = ${stepCount} as is_converted, is_closed,
        case when depth = ${stepCount} or not is_closed
          then extract(epoch from coalesce(converted_at, ${asOf}) - entered_at)::float8 end as seconds
      from ${attempts}, lateral (select entered_at + ${window} < ${asOf} as is_closed) as window_of`;
}

export function countsFrom(
  { code, persons, closed, times, survival, histogram }: AttemptRow,
  stepCount: number,
): AttemptCounts {
  const depths = Array.from({ length: stepCount }, (_, index) => index + 1);
  const atLeast = (counts: Record<string, number>) => (step: number) =>
    depths.reduce((sum, depth) => sum + (depth < step ? 0 : (counts[depth] ?? 0)), 0);
  return {
    code,
    voided: persons[0] ?? 0,
    reached: depths.map(atLeast(persons)),
    reachedClosed: depths.map(atLeast(closed)),
    p50: times?.p50 ?? null,
    p90: times?.p90 ?? null,
    survival: survival?.survival ?? 1,
    greenwood: survival?.greenwood ?? 0,
    histogram: histogram ?? {},
  };
}

const TIMES = `times as (
      select code, percentile_disc(0.5) within group (order by seconds) as p50,
        percentile_disc(0.9) within group (order by seconds) as p90
      from timed where is_converted group by code
    )`;

/**
 * The product of (1 − 1 ÷ at risk) over single conversions is the one over groups of equal times. Attempts whose window
 * closed without a conversion are at risk until its end.
 */
const SURVIVAL = `ranked as (
      select code, is_converted,
        entries + 1 - row_number() over (partition by code order by seconds, is_converted desc) as at_risk
      from timed join totals using (code)
      where is_converted or depth > 0 and not is_closed
    ), survivals as (
      select code,
        case when bool_or(is_converted and at_risk = 1) then 0
          else exp(coalesce(sum(ln(1 - 1 / at_risk::float8)) filter (where is_converted and at_risk > 1), 0)) end as survival,
        coalesce(sum(1 / (at_risk::float8 * (at_risk - 1))) filter (where is_converted and at_risk > 1), 0) as greenwood
      from ranked group by code
    )`;

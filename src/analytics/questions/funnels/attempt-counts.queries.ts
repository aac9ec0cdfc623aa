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
  /** Persons who filled the step, but not the next one, and whose window is open. */
  open: number[];
  /** Seconds from the first step to the last one; null if there were no conversions. */
  p50: number | null;
  p90: number | null;
  /** Kaplan–Meier: the share that is not converted at the end of the window, and Greenwood's sum. */
  survival: number | null;
  greenwood: number | null;
  /** Conversions by the number of the interval between the edges, from 0. */
  histogram: Record<string, number> | null;
}

/**
 * Counts attempts, in total and by group.
 * @param attempts SQL with the columns of `attemptsSql`
 * @param edges seconds at which the intervals of the histogram begin
 */
export function countAttempts(
  manager: EntityManager,
  attempts: string,
  way: Pick<Way, 'asOf' | 'windowMs'> & { stepCount: number; hasGroups: boolean },
  { edges, values }: { edges: readonly number[]; values: SqlValues },
): Promise<AttemptCounts[]> {
  const asOf = values.add(way.asOf, 'timestamptz');
  const window = `make_interval(secs => ${values.add(way.windowMs / 1000, 'float8')})`;
  const steps = Array.from({ length: way.stepCount }, (_, index) => index + 1);
  const counts = (condition: (step: number) => string) =>
    `array[${steps.map((step) => `count(*) filter (where ${condition(step)})`).join(', ')}]::int[]`;
  const grouped = way.hasGroups ? `select code, depth, entered_at, converted_at from attempts union all` : '';
  const sql = `
    with attempts as materialized (${attempts}), grouped as (
      ${grouped} select ${GROUP.total}, depth, entered_at, converted_at from attempts
    ), timed as materialized (
      select code, depth, depth = ${way.stepCount} as is_converted,
        entered_at + ${window} < ${asOf} as is_closed,
        extract(epoch from coalesce(converted_at, ${asOf}) - entered_at)::float8 as seconds
      from grouped as g (code, depth, entered_at, converted_at)
    ), counted as (
      select code, count(*) filter (where depth = 0)::int as voided,
        ${counts((step) => `depth >= ${step}`)} as reached,
        ${counts((step) => `depth >= ${step} and is_closed`)} as "reachedClosed",
        ${counts((step) => `depth = ${step} and not is_closed`)} as open,
        percentile_disc(0.5) within group (order by seconds) filter (where is_converted) as p50,
        percentile_disc(0.9) within group (order by seconds) filter (where is_converted) as p90
      from timed group by code
    ), ${SURVIVAL}, histograms as (
      select code, jsonb_object_agg(bucket, conversions) as histogram from (
        select code, width_bucket(seconds, ${values.add(edges, 'float8[]')}) as bucket, count(*) as conversions
        from timed where is_converted group by 1, 2
      ) as buckets group by code
    )
    select counted.*, survival, greenwood, histogram
    from counted left join survivals using (code) left join histograms using (code)
    order by code`;
  return manager.query(sql, values.list);
}

/**
 * The product of (1 − 1 ÷ at risk) over single conversions is the one over groups of equal times. Attempts whose window
 * closed without a conversion are at risk until its end.
 */
const SURVIVAL = `ranked as (
      select t.code, is_converted, reached[1] + 1
        - row_number() over (partition by t.code order by seconds, is_converted desc) as at_risk
      from timed t join counted c on c.code = t.code
      where is_converted or depth > 0 and not is_closed
    ), survivals as (
      select code,
        case when bool_or(is_converted and at_risk = 1) then 0
          else exp(coalesce(sum(ln(1 - 1 / at_risk::float8)) filter (where is_converted and at_risk > 1), 0)) end as survival,
        coalesce(sum(1 / (at_risk::float8 * (at_risk - 1))) filter (where is_converted and at_risk > 1), 0) as greenwood
      from ranked group by code
    )`;

import type { EntityManager } from 'typeorm';

/** The units of an experiment, as of a time. */
export interface Scope {
  manager: EntityManager;
  phaseIds: readonly number[];
  /** Units that were assigned later, and windows that close later, are left out. */
  asOf: Date;
}

/** A stratum that is kept apart from others. */
export interface Stratum {
  /** Phase, source, country and user age. */
  key: string[];
  /** 1 for the largest one. The units of all that are not among the largest have the stratum 0. */
  stratum: number;
}

/** The units of an arm and a stratum that were assigned on a day. */
export interface UnitCell {
  phaseId: number;
  armIndex: number;
  stratum: number;
  /** ISO date (UTC). */
  day: string;
  units: number;
  /** Those assigned at a time of the day that is not after that of `asOf`: their windows close before it on the same day. */
  early: number;
}

/** So many strata are kept apart; the units of all others are one stratum. */
const STRATA_MAX = 50;

/**
 * Each unit with its arm: `$1` phases, `$2` as of. A user has one arm of an experiment, in one phase. One array with all
 * that units are grouped by makes PostgreSQL group by a hash, and in parallel; by six columns it sorts, five times as long.
 * With `phase_ids @> …` it expects few rows, and sorts as well.
 */
export const UNITS = `
  select user_id, customer_id, person_id, assigned_at,
    array[(assigned_at at time zone 'UTC')::date::text, arm_index::text, phase_id::text, source, country, user_age] as cell
  from (
    select *, given_at[array_position(phase_ids, phase_id)] as assigned_at,
      arms[array_position(phase_ids, phase_id)] as arm_index
    from unnest($1::integer[]) as phase_id
    join (
      select user_id, customer_id, person_id, phase_ids, arms, assigned_at as given_at, coalesce(source, '') as source,
        coalesce(country, '') as country, user_age
      from experiment_units
    ) as stored on array_position(phase_ids, phase_id) is not null
  ) as assigned
  where assigned_at <= $2::timestamptz`;

/** Reads how many units each arm got on each day. */
export async function countUnits({ manager, phaseIds, asOf }: Scope): Promise<{
  cells: UnitCell[];
  strata: Stratum[];
}> {
  const rows = await manager.query<(UnitCell & Stratum)[]>(COUNT_UNITS, [phaseIds, asOf]);
  const strata = new Map(rows.filter(({ stratum }) => stratum > 0).map((row) => [row.stratum, row.key]));
  return { cells: rows, strata: Array.from(strata, ([stratum, key]) => ({ key, stratum })) };
}

const COUNT_UNITS = `
  with cells as materialized (
    select cell, cell[3:6] as key, count(*) as units,
      count(*) filter (
        where (assigned_at at time zone 'UTC')::time <= ($2::timestamptz at time zone 'UTC')::time) as early
    from (${UNITS}) as units
    group by cell
  ), strata as (
    select key, row_number() over (order by sum(units) desc, key) as place from cells group by key
  )
  select cell[3]::integer as "phaseId", cell[2]::integer as "armIndex", cell[1] as day,
    case when place <= ${STRATA_MAX} then place else 0 end::integer as stratum,
    min(key) as key, sum(units)::float8 as units, sum(early)::float8 as early
  from cells join strata using (key)
  group by 1, 2, 3, 4`;

/** Reads how many units each arm has. */
export function countArms({
  manager,
  phaseIds,
  asOf,
}: Scope): Promise<Pick<UnitCell, 'phaseId' | 'armIndex' | 'units'>[]> {
  return manager.query(COUNT_ARMS, [phaseIds, asOf]);
}

const COUNT_ARMS = `
  select arm[1]::integer as "armIndex", arm[2]::integer as "phaseId", units
  from (
    select cell[2:3] as arm, count(*)::float8 as units from (${UNITS}) as units group by 1
  ) as counted`;

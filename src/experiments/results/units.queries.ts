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
  phaseId: number;
  source: string;
  country: string;
  userAge: string;
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
 * Each unit with its arm: `$1` phases. A user has one arm of an experiment, in one phase. With `phase_ids @> …` PostgreSQL
 * would expect few rows, and sort them.
 */
export const UNITS = `
  select phase_id, user_id, customer_id, person_id, source, country, user_age,
    arms[array_position(phase_ids, phase_id)] as arm_index,
    given_at[array_position(phase_ids, phase_id)] as assigned_at
  from unnest($1::integer[]) as phase_id
  join (
    select user_id, customer_id, person_id, phase_ids, arms, assigned_at as given_at,
      coalesce(source, '') collate "C" as source, coalesce(country, '') collate "C" as country,
      user_age collate "C" as user_age
    from experiment_units
  ) as stored on array_position(phase_ids, phase_id) is not null`;

/** Those that were assigned by then: `$2` as of. */
const ASSIGNED = `(${UNITS}) as units where assigned_at <= $2::timestamptz`;

/** Reads how many units each arm got on each day. */
export async function countUnits({ manager, phaseIds, asOf }: Scope): Promise<{
  cells: UnitCell[];
  strata: Stratum[];
}> {
  const rows = await manager.query<(UnitCell & Stratum)[]>(COUNT_UNITS, [phaseIds, asOf]);
  const strata = new Map(rows.filter(({ stratum }) => stratum > 0).map((row) => [row.stratum, row]));
  return { cells: rows, strata: [...strata.values()] };
}

const COUNT_UNITS = `
  with cells as materialized (
    select phase_id, arm_index, (assigned_at at time zone 'UTC')::date as day, source, country, user_age,
      count(*) as units,
      count(*) filter (
        where (assigned_at at time zone 'UTC')::time <= ($2::timestamptz at time zone 'UTC')::time) as early
    from ${ASSIGNED}
    group by 1, 2, 3, 4, 5, 6
  ), strata as (
    select phase_id, source, country, user_age,
      row_number() over (order by sum(units) desc, phase_id, source, country, user_age) as place
    from cells group by 1, 2, 3, 4
  )
  select phase_id as "phaseId", arm_index as "armIndex", day::text,
    case when place <= ${STRATA_MAX} then place else 0 end::integer as stratum,
    min(source) as source, min(country) as country, min(user_age) as "userAge",
    sum(units)::float8 as units, sum(early)::float8 as early
  from cells join strata using (phase_id, source, country, user_age)
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
  select phase_id as "phaseId", arm_index as "armIndex", count(*)::float8 as units
  from ${ASSIGNED}
  group by 1, 2`;

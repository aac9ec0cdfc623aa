import type { EntityManager } from 'typeorm';

/** The units of an experiment, as of a time. */
export interface Scope {
  manager: EntityManager;
  phaseIds: readonly number[];
  /** Units that were assigned later, and windows that close later, are left out. */
  asOf: Date;
}

/** The value of the strata's columns that the units of a stratum share. */
export interface StratumKey {
  phaseId: number;
  source: string;
  country: string;
  userAge: string;
  /** 1 for the largest one; 0 for all that are not among the largest. */
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

/** Each unit with its arm: `$1` phases, `$2` as of. Users have one arm of an experiment, in one phase. */
export const UNITS = `
  select phase_id, arms[place] as arm_index, assigned_at[place] as assigned_at, coalesce(source, '') as source,
    coalesce(country, '') as country, user_age, user_id, customer_id, person_id
  from unnest($1::integer[]) as phase_id
  join experiment_units on phase_ids @> array[phase_id]
  cross join lateral (select array_position(phase_ids, phase_id) as place offset 0) as places
  where assigned_at[place] <= $2::timestamptz`;

/** Reads how many units each arm got on each day. */
export async function countUnits({ manager, phaseIds, asOf }: Scope): Promise<{
  cells: UnitCell[];
  strata: StratumKey[];
}> {
  const rows = await manager.query<(UnitCell & Omit<StratumKey, 'stratum'>)[]>(COUNT_UNITS, [phaseIds, asOf]);
  const strata = new Map(rows.filter(({ stratum }) => stratum > 0).map((row) => [row.stratum, row]));
  return { cells: rows, strata: [...strata.values()] };
}

const COUNT_UNITS = `
  with cells as materialized (
    select phase_id, arm_index, source, country, user_age, (assigned_at at time zone 'UTC')::date as day,
      count(*) as units,
      count(*) filter (
        where (assigned_at at time zone 'UTC')::time <= ($2::timestamptz at time zone 'UTC')::time) as early
    from (${UNITS}) as units
    group by 1, 2, 3, 4, 5, 6
  ), strata as (
    select phase_id, source, country, user_age,
      row_number() over (order by sum(units) desc, phase_id, source, country, user_age)::integer as stratum
    from cells group by 1, 2, 3, 4
  )
  select phase_id as "phaseId", arm_index as "armIndex", day::text,
    case when stratum <= ${STRATA_MAX} then stratum else 0 end as stratum,
    min(source) as source, min(country) as country, min(user_age) as "userAge",
    sum(units)::float8 as units, sum(early)::float8 as early
  from cells join strata using (phase_id, source, country, user_age)
  group by 1, 2, 3, 4`;

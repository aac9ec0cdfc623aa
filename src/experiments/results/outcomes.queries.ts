import type { Goal, Guardrail } from '../definitions/goal.js';
import { type Scope, type Stratum, UNITS } from './units.queries.js';

/** What the units of an arm and a stratum that were assigned on a day did in their windows. */
export interface OutcomeCell {
  armIndex: number;
  stratum: number;
  /** ISO date (UTC) of the assignment. */
  day: string;
  sum: number;
  sumOfSquares: number;
}

/** What is counted of a unit. */
export type Outcome = Goal | Guardrail;

/** Reads the outcomes of all units whose window has closed. Units of which there is nothing to count are left out. */
export function sumOutcomes(
  { manager, phaseIds, asOf }: Scope,
  strata: readonly Stratum[],
  outcome: Outcome,
): Promise<OutcomeCell[]> {
  const { rows, parameter } = outcomeSql(outcome);
  const parameters = [phaseIds, asOf, outcome.withinDays, JSON.stringify(strata), parameter];
  return manager.query<OutcomeCell[]>(sumSql(rows), parameters);
}

/** Rows with the columns of a unit and a `value`, one for each unit that has one. `$5` is the parameter. */
function outcomeSql(outcome: Outcome): { rows: string; parameter: string } {
  switch (outcome.type) {
    case 'milestone':
      return { rows: MILESTONE, parameter: outcome.milestone };
    case 'behaviour':
      return { rows: BEHAVIOUR, parameter: outcome.event };
    case 'mrr':
      return { rows: MRR, parameter: outcome.currency };
    case 'churn':
      return { rows: CHURN, parameter: 'churned' };
    case 'unsubscribes':
      return { rows: UNSUBSCRIBES, parameter: 'message_choices.changed' };
    case 'complaints':
      return { rows: COMPLAINTS, parameter: 'notification.bounced' };
  }
}

const WINDOW = `$3::integer * interval '24 hours'`;

const IN_WINDOW = `occurred_at >= assigned_at and occurred_at < assigned_at + ${WINDOW}`;

/** The columns of a unit by which outcomes are summed. */
const UNIT = 'unit.phase_id, unit.arm_index, unit.assigned_at, unit.source, unit.country, unit.user_age';

/** Something happened to a unit's customer in the window, once or more. */
const happened = (to: string, condition: string) => `
  select ${UNIT}, 1::float8 as value from closed as unit
  where exists (select ${to}.customer_id = unit.customer_id and ${condition} and ${IN_WINDOW})`;

/** A user who is no customer has milestones that MINGUS reported. */
const MILESTONE = `
  select ${UNIT}, 1::float8 as value
  from closed as unit
  left join customer_lifecycles using (customer_id)
  left join user_milestones on user_milestones.user_id = unit.user_id and milestone = $5
  cross join lateral (select least((milestones ->> $5)::timestamptz, occurred_at) as reached_at) as reached
  where reached_at >= assigned_at and reached_at < assigned_at + ${WINDOW}`;

/** An erasure leaves the number of the person in the unit, and no user in the person. */
const BEHAVIOUR = `
  select ${UNIT}, 1::float8 as value
  from (
    select closed.*, coalesce(closed.person_id, people.person_id) as actor_id
    from closed left join people using (user_id)
  ) as unit
  where exists (
    select from behaviour_events
    where behaviour_events.person_id = actor_id and name = $5 and ${IN_WINDOW} and occurred_at < $2)`;

/** Revenue at the end of the window, also that from before the assignment. */
const MRR = `
  select ${UNIT}, sum(amount_minor)::float8 as value
  from closed as unit join mrr_movements using (customer_id)
  where currency = $5 and occurred_at < assigned_at + ${WINDOW}
  group by unit.user_id, ${UNIT}`;

const CHURN = happened('from lifecycle_transitions where lifecycle_transitions', 'to_stage = $5');

const COMPLAINTS = happened(
  'from audit_entries where audit_entries',
  `action = $5 and details ->> 'outcome' = 'complaint'`,
);

/** A customer turned a kind of message off, on a channel. What is not stored was wanted. */
const UNSUBSCRIBES = happened(
  'from audit_entries where audit_entries',
  `action = $5 and exists (
    select
    from jsonb_each(details #> '{after,notifications}') as after (kind, channels)
    cross join jsonb_each(channels) as choice (channel, is_wanted)
    where is_wanted = 'false' and coalesce(details #> array['before', 'notifications', kind, channel], 'true') = 'true')`,
);

function sumSql(rows: string): string {
  return `
  with closed as (
    select * from (${UNITS}) as units where assigned_at + ${WINDOW} <= $2
  ), cells as (
    select phase_id, arm_index, source, country, user_age, (assigned_at at time zone 'UTC')::date as day,
      sum(value) as value, sum(value * value) as squares
    from (${rows}) as outcomes
    group by 1, 2, 3, 4, 5, 6
  ), strata as (
    select "phaseId" as phase_id, source, country, "userAge" as user_age, stratum
    from json_to_recordset($4::json)
      as kept ("phaseId" integer, source text, country text, "userAge" text, stratum integer)
  )
  select arm_index as "armIndex", day::text, coalesce(stratum, 0) as stratum,
    sum(value) as sum, sum(squares) as "sumOfSquares"
  from cells left join strata using (phase_id, source, country, user_age)
  group by 1, 2, 3`;
}

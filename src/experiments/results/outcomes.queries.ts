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

/** Rows with the `cell` of a unit and a `value`, one for each unit that has one. `$5` is the parameter. */
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

/** Something happened to a unit's customer in the window, once or more. */
const happened = (to: string, condition: string) => `
  select cell, 1::float8 as value from closed
  where exists (select ${to}.customer_id = closed.customer_id and ${condition} and ${IN_WINDOW})`;

/** A user who is no customer has milestones that MINGUS reported. */
const MILESTONE = `
  select cell, 1::float8 as value
  from closed
  left join customer_lifecycles using (customer_id)
  left join user_milestones on user_milestones.user_id = closed.user_id and milestone = $5
  cross join lateral (select least((milestones ->> $5)::timestamptz, occurred_at) as reached_at) as reached
  where reached_at >= assigned_at and reached_at < assigned_at + ${WINDOW}`;

/** An erasure leaves the number of the person in the unit, and no user in the person. */
const BEHAVIOUR = `
  select cell, 1::float8 as value
  from (
    select cell, assigned_at, people.person_id from closed join people using (user_id) where closed.person_id is null
    union all
    select cell, assigned_at, person_id from closed where person_id is not null
  ) as acting
  where exists (
    select from behaviour_events
    where behaviour_events.person_id = acting.person_id and name = $5 and ${IN_WINDOW} and occurred_at < $2)`;

/** Revenue at the end of the window, also that from before the assignment. */
const MRR = `
  select cell, sum(amount_minor)::float8 as value
  from closed join mrr_movements using (customer_id)
  where currency = $5 and occurred_at < assigned_at + ${WINDOW}
  group by user_id, cell`;

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
    select cell, sum(value) as value, sum(value * value) as squares from (${rows}) as outcomes group by cell
  ), strata as (
    select key, stratum from json_to_recordset($4::json) as kept (key text[], stratum integer)
  )
  select cell[2]::integer as "armIndex", cell[1] as day, coalesce(stratum, 0) as stratum,
    sum(value) as sum, sum(squares) as "sumOfSquares"
  from cells left join strata on key = cell[3:6]
  group by 1, 2, 3`;
}

/** The columns of the JSON rows of all statements. */
const COLUMNS =
  '"customerId" uuid, "userId" text, name text, "messageKey" uuid, properties jsonb, "occurredAt" timestamptz';
const FACTS = `json_to_recordset($1::json) as facts (${COLUMNS})`;

/**
 * Whether the customer of a fact still has the user of the fact. An erased one has none. For an `exists` within an `or`
 * PostgreSQL may read all customers.
 */
const IS_PRESENT =
  '("customerId" is null or (select user_id from customers where id = "customerId") = "userId")';

/** An erasure waits for the transaction, and the transaction for an erasure. */
export const LOCK_CUSTOMERS = `
  select from customers where id in (select "customerId" from ${FACTS}) order by id for key share`;

export const MAKE_MONTHS = `
  select make_behaviour_month(month)
  from (select distinct date_trunc('month', "occurredAt")::date as month from ${FACTS}) as months`;

/** People who are there are not removed as idle until the end of the transaction. */
export const HOLD_PEOPLE = `
  select from people where user_id in (select "userId" from ${FACTS}) order by user_id for key share`;

/** In the order of the ids, so that two transactions cannot deadlock. The user of an erased customer is not added. */
export const ADD_PEOPLE = `
  insert into people (user_id)
  select distinct "userId" from ${FACTS}
  where ${IS_PRESENT} and not exists (select from people where user_id = "userId")
  order by 1
  on conflict (user_id) do nothing`;

/**
 * Of two transactions with the same fact, the second waits and sees the fact of the first. An erasure waits as well.
 */
export const LOCK_PEOPLE = `
  select from people where user_id in (select "userId" from ${FACTS}) order by user_id for no key update`;

export const RECORD = `
  insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
  select "occurredAt", "messageKey", person_id, 'fact', name, properties, '{}'
  from (
    select distinct on ("messageKey") *
    from rows from (json_to_recordset($1::json) as (${COLUMNS})) with ordinality as facts
    order by "messageKey", ordinality
  ) as facts
  join people on user_id = "userId"
  where ${IS_PRESENT} and not exists (select from behaviour_events where message_key = "messageKey")
  order by ordinality`;

/** A milestone keeps the earliest time that was reported. */
export const MOVE_BACK = `
  update behaviour_events set occurred_at = "occurredAt" from ${FACTS}
  where message_key = "messageKey" and occurred_at > "occurredAt"`;

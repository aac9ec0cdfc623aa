import { toAttach } from '../attaching/waiting-events.js';

/** How many events one transaction empties. */
export const EMPTIED_AT_ONCE = 1000;

/** The event may name a person. */
const IS_FULL = `(properties <> '{}' or context <> '{}')`;

const GIVEN = 'json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid)';
/** A user is kept while another customer is left. */
const IS_LAST =
  'not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")';
const ERASED = `from people join ${GIVEN} on user_id = "userId" where ${IS_LAST}`;
const ERASED_PEOPLE = `array(select person_id ${ERASED})`;

/** A user without events may be the anonymous id of others. */
export const ADD_PEOPLE = `
  insert into people (user_id)
  select "userId" from ${GIVEN}
  where ${IS_LAST} and (
    exists (select from anonymous_ids where anonymous_id = "userId")
    or exists (select from behaviour_events where person_id is null and anonymous_id = "userId")
  )
  on conflict (user_id) do nothing`;

/** Waits for transactions that add events of the person. The next statements see them. */
export const LOCK = `select ${ERASED} order by person_id for update of people`;

/** Events may have the user as their anonymous id, and an alias may have joined it to another person. */
export const JOIN_USER = `
  insert into anonymous_ids (anonymous_id, person_id, recorded_at)
  select "userId", person_id, now() ${ERASED}
  on conflict (anonymous_id) do update set person_id = excluded.person_id`;

/** Waiting events of the person are emptied like all others. */
export const ATTACH_FIRST = toAttach(ERASED_PEOPLE);

export const EMPTY_FIRST = toEmpty(`person_id = any(${ERASED_PEOPLE}) and ${IS_FULL}`);

/** Removes the user id. What is left of people with many events is for the job. */
export const FORGET = `
  with erased as materialized (select person_id ${ERASED}
  ), unfinished as materialized (
    select person_id from erased where coalesce(
      (
        select true from behaviour_events
        where behaviour_events.person_id = erased.person_id and ${IS_FULL}
        limit 1
      ), (
        select true from anonymous_ids join behaviour_events using (anonymous_id)
        where anonymous_ids.person_id = erased.person_id and behaviour_events.person_id is null
        limit 1
      ), false
    )
  ), parted as (
    delete from anonymous_ids
    where person_id in (select person_id from erased except select person_id from unfinished)
  )
  update people set user_id = null, is_emptying = person_id in (select person_id from unfinished)
  where person_id in (select person_id from erased)`;

/**
 * Empties the next events of a person `$1`, in the order of an index, from the name `$2` and the time `$3` on. Returns where
 * to go on.
 */
export const EMPTY_NEXT = toEmpty(
  `person_id = $1 and (name, occurred_at) >= ($2::text, $3::timestamptz) and ${IS_FULL} order by name, occurred_at`,
);

export const ATTACH_REST = toAttach('$1::bigint[]');

export const UNFINISHED = 'select person_id as "personId" from people where is_emptying order by person_id';

export const FINISH = [
  'delete from anonymous_ids where person_id = $1',
  'update people set is_emptying = false where person_id = $1',
];

/** @param rows SQL: the condition, and the order, of the events */
function toEmpty(rows: string): string {
  return `
    with page as materialized (
      select occurred_at, event_id, name from behaviour_events where ${rows} limit ${EMPTIED_AT_ONCE}
    ), emptied as (
      update behaviour_events set properties = '{}', context = '{}'
      where occurred_at = any(array(select occurred_at from page))
        and event_id = any(array(select event_id from page))
    )
    select name, occurred_at as "occurredAt" from page order by name desc, occurred_at desc limit 1`;
}

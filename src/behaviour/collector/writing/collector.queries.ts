/** One collector transaction at a time, so that no other one adds a message between the look-up and the insert. */
export const LOCK = `select pg_advisory_xact_lock(hashtext('behaviour collector'))`;

/** Takes days of the months as `$1`. */
export const MAKE_MONTHS = 'select make_behaviour_month(month) from unnest($1::date[]) as months (month)';

/**
 * Takes keys as `$1` and the time as `$2`; returns the keys that were recorded within 30 days. An event that was recorded within
 * a day lies in one of the last two or three months. All others are in a small index of their own, so that the index of an old
 * month is not read for every message.
 */
export const KNOWN_KEYS = `
  select message_key as key from behaviour_events
  where message_key = any($1::uuid[])
    and occurred_at >= $2::timestamptz - interval '31 days' and recorded_at >= $2::timestamptz - interval '30 days'
  union all
  select message_key from behaviour_events
  where message_key = any($1::uuid[])
    and recorded_at - occurred_at > interval '1 day' and recorded_at >= $2::timestamptz - interval '30 days'`;

/** An erasure waits for the transaction that has read the person, and a person that is being erased is not found. */
export const PEOPLE = `
  select person_id as "personId", user_id as "userId" from people
  where user_id = any($1::text[])
  for key share`;

/** In the order of the ids, so that two transactions cannot deadlock. */
export const ADD_PEOPLE = `
  insert into people (user_id) select user_id from unnest($1::text[]) as given (user_id) order by user_id
  on conflict (user_id) do nothing
  returning person_id as "personId", user_id as "userId"`;

/** Returns the people of the anonymous ids that had none yet; the others keep theirs. */
export const JOIN = `
  insert into anonymous_ids (anonymous_id, person_id, recorded_at)
  select anonymous_id, person_id, now() from unnest($1::text[], $2::bigint[]) as given (anonymous_id, person_id)
  on conflict (anonymous_id) do nothing
  returning person_id as "personId"`;

/** The people behind anonymous ids, except those that are being erased. */
export const PEOPLE_BEHIND = `
  select anonymous_id as "anonymousId", person_id as "personId", user_id as "userId"
  from anonymous_ids join people using (person_id)
  where anonymous_id = any($1::text[]) and user_id is not null
  for key share of people`;

export const INSERT = `
  insert into behaviour_events (occurred_at, message_key, person_id, anonymous_id, type, name, properties, context)
  select occurred_at, message_key, person_id, anonymous_id, type, name, properties, context
  from json_populate_recordset(null::behaviour_events, $1::json)`;

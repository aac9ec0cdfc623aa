import type { EntityManager } from 'typeorm';
import type { StoredEvent } from '../stream/recorded-behaviour.js';

/** How many events one transaction attaches. The collector waits for it. */
export const ATTACHED_AT_ONCE = 1000;

/**
 * Gives some of the events that wait for the anonymous ids of people to these people.
 * @returns fewer than `ATTACHED_AT_ONCE` events if none is left
 */
export async function attachSome(
  manager: EntityManager,
  personIds: readonly string[],
): Promise<StoredEvent[]> {
  if (personIds.length === 0) return [];
  const [attached] = await manager.query<[{ personId: string; name: string; occurredAt: Date }[], number]>(
    ATTACH,
    [personIds],
  );
  return attached.map((event) => ({ ...event, occurredAt: event.occurredAt.getTime() }));
}

/**
 * Attaches some events. The keys are compared with arrays, because for a join PostgreSQL reads whole months. The sequence of
 * the ids makes each unique.
 * @param people SQL: the array of their ids
 */
export const toAttach = (people: string) => `
  with page as materialized (
    select occurred_at, event_id from behaviour_events
    where person_id is null
      and anonymous_id = any(array(select anonymous_id from anonymous_ids where person_id = any(${people})))
    limit ${ATTACHED_AT_ONCE}
  )
  update behaviour_events set anonymous_id = null, person_id = (
    select a.person_id from anonymous_ids a where a.anonymous_id = behaviour_events.anonymous_id
  )
  where occurred_at = any(array(select occurred_at from page))
    and event_id = any(array(select event_id from page)) and person_id is null
  returning person_id as "personId", name, occurred_at as "occurredAt"`;

const ATTACH = toAttach('$1::bigint[]');

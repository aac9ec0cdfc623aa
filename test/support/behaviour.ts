import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database/test-database.js';

/** An event of the stream. Events of one time are in the order in which they are stored. */
export interface Behaviour {
  userId: string;
  name: string;
  at: Date;
  properties?: Record<string, unknown>;
  context?: Record<string, unknown>;
}

/** Stores events, with their persons and the months that they need. */
export async function storeBehaviour(database: TestDatabase, events: readonly Behaviour[]): Promise<void> {
  const users = [...new Set(events.map(({ userId }) => userId))];
  await database.rows('insert into people (user_id) select unnest($1::text[]) on conflict do nothing', [
    users,
  ]);
  const months = [...new Set(events.map(({ at }) => `${at.toISOString().slice(0, 7)}-01`))];
  await database.rows('select make_behaviour_month(unnest($1::date[]))', [months]);
  const rows = events.map(({ userId, name, at, properties = {}, context = {} }, order) => ({
    order,
    user_id: userId,
    name,
    occurred_at: at,
    message_key: randomUUID(),
    properties,
    context,
  }));
  await database.rows(INSERT, [JSON.stringify(rows)]);
}

const INSERT = `
  insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
  select occurred_at, message_key, person_id, 'track', name, properties, context
  from json_to_recordset($1::json) as e ("order" int, user_id text, name text, occurred_at timestamptz,
    message_key uuid, properties jsonb, context jsonb) join people using (user_id)
  order by "order"`;

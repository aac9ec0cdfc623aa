import type { PoolClient, QueryConfig } from 'pg';
import { settled } from '../../platform/database/pg-client.js';
import type { MingusUser } from '../../events/customer-created.event.js';
import { customerKey, type InterpretedEvent, type KnownState, type SeenEvent } from './event-decision.js';
import type { UsersSource } from '../../customers/users/users-source.service.js';

interface SeenRow {
  stripe_event_id: string;
  outcome: SeenEvent['outcome'];
  error_code: string | null;
  error_message: string | null;
  customer_id: string | null;
}

interface CustomerRow {
  id: string;
  livemode: boolean;
  stripe_customer_id: string;
}

interface UserRow {
  id: string;
  email: string;
  name: string | null;
  created_at: Date;
  notified_kinds: string[];
}

/**
 * Reads everything that decisions about these events need, in three queries.
 * @param prepared name the statements, so that PostgreSQL plans them once per connection
 */
export async function readKnownState(
  client: PoolClient,
  events: readonly InterpretedEvent[],
  users: UsersSource,
  prepared: boolean,
): Promise<KnownState> {
  const eventIds = events.map(({ received }) => received.stripeEventId);
  const subjects = events.flatMap(({ subject }) => (subject?.valid ? [subject] : []));
  const customerIds = subjects.map(({ customer }) => customer.stripeCustomerId);
  const userIds = users.keysOf(subjects.flatMap(({ mingusUserId }) => mingusUserId ?? []));
  const query = (name: string, text: string, values: unknown[]): QueryConfig => ({
    ...(prepared ? { name } : {}),
    text,
    values,
  });
  const [seen, customers, found] = await settled([
    client.query<SeenRow>(query('seen_events', SEEN_EVENTS, [eventIds])),
    client.query<CustomerRow>(query('known_customers', KNOWN_CUSTOMERS, [customerIds])),
    client.query<UserRow>(query('users', users.selectUsers, [userIds])),
  ] as const);
  return {
    events: new Map(seen.rows.map((row) => [row.stripe_event_id, toSeenEvent(row)])),
    customers: new Map(customers.rows.map((row) => [toKey(row), row.id])),
    users: new Map(found.rows.map((row) => [row.id, toUser(row)])),
    notifiedKinds: new Map(found.rows.map((row) => [row.id, row.notified_kinds])),
  };
}

const SEEN_EVENTS = `
  select stripe_event_id, outcome, error_code, error_message, customer_id
  from webhook_events
  where stripe_event_id = any($1::text[])`;

const KNOWN_CUSTOMERS = `
  select id, livemode, stripe_customer_id
  from customers
  where stripe_customer_id = any($1::text[])`;

function toSeenEvent(row: SeenRow): SeenEvent {
  return {
    outcome: row.outcome,
    refusal: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    customerId: row.customer_id,
  };
}

function toKey(row: CustomerRow): string {
  return customerKey({ livemode: row.livemode, stripeCustomerId: row.stripe_customer_id });
}

function toUser(row: UserRow): MingusUser {
  return { id: row.id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() };
}

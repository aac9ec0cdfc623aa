import { Injectable } from '@nestjs/common';
import type { QueryConfig } from 'pg';
import type { EntityManager } from 'typeorm';
import { UsersSource } from '../../customers/users/users-source.service.js';
import type { MingusUser } from '../../events/stripe-customer.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { pgClientOf, pipelined } from '../../platform/database/pg-client.js';
import type { StoredCustomer } from './customer-difference.js';
import type { InterpretedEvent } from './event-decision.js';
import { customerKey, type KnownCustomer, type KnownState, type SeenEvent } from './known-state.js';

interface SeenRow {
  stripe_event_id: string;
  outcome: SeenEvent['outcome'];
  error_code: string | null;
  error_message: string | null;
  customer_id: string | null;
  reconciliation_id: string | null;
  notify: boolean;
}

interface DeletionRow {
  livemode: boolean;
  stripe_customer_id: string;
}

interface GoneRow extends DeletionRow {
  is_erased: boolean;
}

interface WaitingRow extends DeletionRow {
  stripe_event_id: string;
}

interface CustomerRow extends DeletionRow {
  id: string;
  user_id: string | null;
  stored: Record<string, unknown>;
  state_at: Date;
  state_told_by: string;
  deleted_at: Date | null;
  erased_at: Date | null;
  stage: string;
}

interface UserRow {
  id: string;
  email: string;
  name: string | null;
  created_at: Date;
  notified_kinds: string[];
}

/** Reads what decisions about a batch of events depend on. */
@Injectable()
export class KnownStateReader {
  constructor(
    private readonly config: AppConfig,
    private readonly users: UsersSource,
  ) {}

  /** Everything for all events, in five pipelined queries on the manager's connection. */
  async read(manager: EntityManager, events: readonly InterpretedEvent[]): Promise<KnownState> {
    const client = await pgClientOf(manager);
    const eventIds = events.flatMap(({ received: { stripeEventId, snapshotEventId } }) => [
      stripeEventId,
      ...(snapshotEventId ? [snapshotEventId] : []),
    ]);
    const subjects = events.flatMap(({ subject }) => subject ?? []);
    const customerIds = events.flatMap(({ named }) => named?.stripeCustomerId ?? []);
    const userIds = this.users.keysOf(subjects.flatMap(({ mingusUserId }) => mingusUserId ?? []));
    const [seen, customers, gone, waiting, users] = await pipelined(
      client,
      () =>
        [
          client.query<SeenRow>(this.toQuery('seen_events', SEEN_EVENTS, eventIds)),
          client.query<CustomerRow>(this.toQuery('known_customers', KNOWN_CUSTOMERS, customerIds)),
          client.query<GoneRow>(this.toQuery('gone', GONE, customerIds)),
          client.query<WaitingRow>(this.toQuery('waiting_events', WAITING_EVENTS, customerIds)),
          client.query<UserRow>(this.toQuery('users', this.users.selectUsers, userIds)),
        ] as const,
    );
    return {
      events: new Map(seen.rows.map((row) => [row.stripe_event_id, toSeenEvent(row)])),
      customers: new Map(customers.rows.map((row) => [toKey(row), toCustomer(row)])),
      deletions: new Set(gone.rows.filter((row) => !row.is_erased).map(toKey)),
      erasures: new Set(gone.rows.filter((row) => row.is_erased).map(toKey)),
      waiting: new Set(waiting.rows.filter((row) => !eventIds.includes(row.stripe_event_id)).map(toKey)),
      users: new Map(users.rows.map((row) => [row.id, toUser(row)])),
      notifiedKinds: new Map(users.rows.map((row) => [row.id, row.notified_kinds])),
    };
  }

  /** Named, so that PostgreSQL plans it once per connection. */
  private toQuery(name: string, text: string, ids: string[]): QueryConfig {
    return { ...(this.config.database.preparedStatements ? { name } : {}), text, values: [ids] };
  }
}

const SEEN_EVENTS = `
  select stripe_event_id, outcome, error_code, error_message, customer_id, reconciliation_id, notify
  from webhook_events
  where stripe_event_id = any($1::text[])`;

const KNOWN_CUSTOMERS = `
  select c.id, livemode, stripe_customer_id, user_id, to_jsonb(c) as stored, state_at, state_told_by, deleted_at, erased_at,
    coalesce(stage, 'onboarding') as stage
  from customers c left join customer_lifecycles l on l.customer_id = c.id
  where stripe_customer_id = any($1::text[])`;

/** Served by partial indexes, which are next to empty. */
const GONE = `
  select livemode, stripe_customer_id, false as is_erased
  from webhook_events
  where error_code = 'object_deleted' and stripe_customer_id = any($1::text[])
  union all
  select livemode, stripe_customer_id, true
  from webhook_events
  where error_code = 'person_erased' and stripe_customer_id = any($1::text[])`;

/** Served by a partial index. */
const WAITING_EVENTS = `
  select livemode, stripe_customer_id, stripe_event_id
  from webhook_events
  where outcome in ('unmatched', 'pending_user') and stripe_customer_id = any($1::text[])`;

function toSeenEvent(row: SeenRow): SeenEvent {
  return {
    outcome: row.outcome,
    refusal: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    customerId: row.customer_id,
    imported: row.reconciliation_id ? { reconciliationId: row.reconciliation_id, notify: row.notify } : null,
  };
}

function toKey(row: DeletionRow): string {
  return customerKey({ livemode: row.livemode, stripeCustomerId: row.stripe_customer_id });
}

function toCustomer(row: CustomerRow): KnownCustomer {
  return {
    id: row.id,
    userId: row.user_id,
    stored: toStored(row.stored),
    stateAt: row.state_at,
    stateToldBy: row.state_told_by,
    isDeleted: row.deleted_at !== null,
    isErased: row.erased_at !== null,
    lifecycleStage: row.stage,
  };
}

/** A row as JSON, by the names that its fields have here. */
function toStored(row: Record<string, unknown>): StoredCustomer {
  const fields = Object.entries(row).map(([column, value]) => [toCamelCase(column), value] as const);
  const { stripe_created_at: stripeCreatedAt } = row;
  return {
    ...Object.fromEntries(fields),
    stripeCreatedAt: typeof stripeCreatedAt === 'string' ? new Date(stripeCreatedAt) : null,
  } as StoredCustomer;
}

function toCamelCase(column: string): string {
  return column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function toUser(row: UserRow): MingusUser {
  return { id: row.id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() };
}

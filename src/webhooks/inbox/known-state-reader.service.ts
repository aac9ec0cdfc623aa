import { Injectable } from '@nestjs/common';
import type { QueryConfig } from 'pg';
import type { EntityManager } from 'typeorm';
import { KnownArms } from '../../experiments/assignment/known-arms.service.js';
import { selectUnits, type UnitRow } from '../../experiments/assignment/stored-arms.queries.js';
import { type AskedRow, toMingusUser, UsersSource } from '../../customers/users/users-source.service.js';
import { DatabaseSettings } from '../../platform/database/database.settings.js';
import { pgClientOf, pipelined } from '../../platform/database/pg-client.js';
import type { StoredCustomer } from '../stripe/customer-difference.js';
import type { InterpretedEvent } from '../decision/event-decision.js';
import { type BillingRow, KNOWN_BILLING, toCamelCase, toKnownBilling } from './known-billing.queries.js';
import { customerKey, type KnownCustomer, type KnownState, type SeenEvent } from '../decision/known-state.js';

interface SeenRow {
  stripe_event_id: string;
  outcome: SeenEvent['outcome'];
  error_code: string | null;
  error_message: string | null;
  customer_id: string | null;
  reconciliation_id: string | null;
  notify: boolean;
  first_decided_at: Date | null;
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
  revision: number;
  mrr: Record<string, number>;
}

/** Reads the stored data that decisions about a batch of events need. */
@Injectable()
export class KnownStateReader {
  constructor(
    private readonly database: DatabaseSettings,
    private readonly users: UsersSource,
    private readonly arms: KnownArms,
  ) {}

  /**
   * Reads the data for all events in five pipelined queries on the connection of the manager, in one more if events are
   * about subscriptions or payments, and in one more once an experiment has started.
   */
  async read(manager: EntityManager, events: readonly InterpretedEvent[]): Promise<KnownState> {
    const client = await pgClientOf(manager);
    const eventIds = events.flatMap(({ received: { stripeEventId, snapshotEventId } }) => [
      stripeEventId,
      ...(snapshotEventId ? [snapshotEventId] : []),
    ]);
    const subjects = events.flatMap(({ subject }) => subject ?? []);
    const customerIds = events.flatMap(({ named }) => named?.stripeCustomerId ?? []);
    const userIds = subjects.flatMap(({ mingusUserId }) => mingusUserId ?? []);
    const billed = events.filter(({ subject }) => subject?.billingObjectId !== undefined);
    const [seen, customers, gone, waiting, users, billing, units] = await pipelined(
      client,
      () =>
        [
          client.query<SeenRow>(this.toQuery('seen_events', SEEN_EVENTS, eventIds)),
          client.query<CustomerRow>(this.toQuery('known_customers', KNOWN_CUSTOMERS, customerIds)),
          client.query<GoneRow>(this.toQuery('gone', GONE, customerIds)),
          client.query<WaitingRow>(this.toQuery('waiting_events', WAITING_EVENTS, customerIds)),
          client.query<AskedRow>(this.toQuery('users', this.users.selectUsers, this.users.keysOf(userIds))),
          billed.length === 0 ? NO_BILLING : client.query<BillingRow>(this.toBillingQuery(billed)),
          this.arms.areNeeded ? client.query<UnitRow>(this.toUnitsQuery(userIds)) : NO_UNITS,
        ] as const,
    );
    const resolved = [...this.users.resolve(userIds, users.rows)];
    const found = resolved.flatMap(([, { user }]) => user ?? []);
    return {
      events: new Map(seen.rows.map((row) => [row.stripe_event_id, toSeenEvent(row)])),
      customers: new Map(customers.rows.map((row) => [toKey(row), toCustomer(row)])),
      deletions: new Set(gone.rows.filter((row) => !row.is_erased).map(toKey)),
      erasures: new Set(gone.rows.filter((row) => row.is_erased).map(toKey)),
      waiting: new Set(waiting.rows.filter((row) => !eventIds.includes(row.stripe_event_id)).map(toKey)),
      users: new Map(found.map((row) => [row.id, toMingusUser(row)])),
      userIds: new Map(resolved.map(([spelling, { id }]) => [spelling, id])),
      notifiedKinds: new Map(found.map((row) => [row.id, row.notified_kinds])),
      armsOf: this.arms.of(units.rows),
      billing: new Map(billing.rows.map((row) => [toKey(row), toKnownBilling(row)])),
    };
  }

  private toBillingQuery(events: readonly InterpretedEvent[]): QueryConfig {
    const objectIds = events.flatMap(({ subject }) => subject?.billingObjectId ?? []);
    const customerIds = events.flatMap(({ subject }) => subject?.stripeCustomerId ?? []);
    return this.toQuery('known_billing', KNOWN_BILLING, customerIds, objectIds);
  }

  private toUnitsQuery(userIds: readonly string[]): QueryConfig {
    return this.toQuery('units', selectUnits(this.users.selectIds), this.users.keysOf(userIds));
  }

  /** A named statement: PostgreSQL plans it once per connection. */
  private toQuery(name: string, text: string, ...values: string[][]): QueryConfig {
    return { ...(this.database.preparedStatements ? { name } : {}), text, values };
  }
}

/** A batch without events about subscriptions or payments asks for none. */
const NO_BILLING: Promise<{ rows: BillingRow[] }> = Promise.resolve({ rows: [] });

/** Before the first experiment, no unit has an arm. */
const NO_UNITS: Promise<{ rows: UnitRow[] }> = Promise.resolve({ rows: [] });

const SEEN_EVENTS = `
  select stripe_event_id, outcome, error_code, error_message, customer_id, reconciliation_id, notify,
    case when outcome <> 'fetching' then coalesce(first_decided_at, decided_at) end as first_decided_at
  from webhook_events
  where stripe_event_id = any($1::text[])`;

const KNOWN_CUSTOMERS = `
  select c.id, livemode, stripe_customer_id, user_id, to_jsonb(c) as stored, state_at, state_told_by, deleted_at, erased_at,
    coalesce(stage, 'onboarding') as stage, coalesce(revision, 0) as revision, coalesce(mrr, '{}') as mrr
  from customers c
  left join customer_lifecycles l on l.customer_id = c.id
  left join customer_revenues r on r.customer_id = c.id
  where stripe_customer_id = any($1::text[])`;

/** Uses partial indexes, which are nearly empty. */
const GONE = `
  select livemode, stripe_customer_id, false as is_erased
  from webhook_events
  where error_code = 'object_deleted' and stripe_customer_id = any($1::text[])
  union all
  select livemode, stripe_customer_id, true
  from webhook_events
  where error_code = 'person_erased' and stripe_customer_id = any($1::text[])`;

/** Each part uses a partial index. */
const WAITING_EVENTS = `
  select livemode, stripe_customer_id, stripe_event_id
  from webhook_events
  where outcome in ('unmatched', 'pending_user') and stripe_customer_id = any($1::text[])
  union all
  select livemode, stripe_customer_id, stripe_event_id
  from webhook_events
  where outcome = 'pending_customer' and stripe_customer_id = any($1::text[])`;

function toSeenEvent(row: SeenRow): SeenEvent {
  return {
    outcome: row.outcome,
    refusal: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    customerId: row.customer_id,
    firstDecidedAt: row.first_decided_at,
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
    // Decisions about subscriptions and payments do not read it.
    get stored() {
      return toStored(row.stored);
    },
    stateAt: row.state_at,
    stateToldBy: row.state_told_by,
    isDeleted: row.deleted_at !== null,
    isErased: row.erased_at !== null,
    lifecycleStage: row.stage,
    revenue: { revision: row.revision, mrr: row.mrr },
  };
}

/** Translates a row of JSON: column names become property names. */
function toStored(row: Record<string, unknown>): StoredCustomer {
  const fields = Object.entries(row).map(([column, value]) => [toCamelCase(column), value] as const);
  const { stripe_created_at: stripeCreatedAt } = row;
  return {
    ...Object.fromEntries(fields),
    stripeCreatedAt: typeof stripeCreatedAt === 'string' ? new Date(stripeCreatedAt) : null,
  } as StoredCustomer;
}

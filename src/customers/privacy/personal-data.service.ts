import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { PersonalDataExported } from '../../events/customers/personal-data-exported.event.js';
import { Snapshot } from '../../platform/database/snapshot.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { addressesOf } from './person-addresses.queries.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** The number of rows in memory at a time. A row may have half a megabyte. */
const PAGE = 100;

interface ExportedPerson {
  stripeCustomerId: string;
  customerIds: string[];
  addresses: string[];
}

/** Collects the stored data about a person from all modules. Secrets (digests of links) are left out. */
@Injectable()
export class PersonalData {
  private readonly logger = new Logger('privacy');

  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * The `PersonalDataDto` as a stream of JSON, with constant memory for any number of rows. All rows are of one moment.
   * The audit has the export before its first byte is sent. If the database fails during it, the stream breaks off.
   * @throws DomainError customer_not_found
   */
  async export(stripeCustomerId: string): Promise<Readable> {
    const snapshot = await Snapshot.open(this.dataSource);
    try {
      const person = await personOf(snapshot, this.dataSource.manager, stripeCustomerId);
      await this.audit(person, await countRows(snapshot, person));
      const stream = Readable.from(write(snapshot, person), { highWaterMark: 1 });
      return stream.once('close', () => void this.close(snapshot));
    } catch (error) {
      await this.close(snapshot);
      throw error;
    }
  }

  private async audit(
    { stripeCustomerId, customerIds }: ExportedPerson,
    counts: Record<string, number>,
  ): Promise<void> {
    if (customerIds.length === 0 && counts.webhook_events === 0)
      throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const fact = new PersonalDataExported(stripeCustomerId, customerIds, counts);
    await inTransaction(this.dataSource, (manager) => this.facts.record(manager, fact));
  }

  /** A connection that is lost has ended the transaction already. */
  private async close(snapshot: Snapshot): Promise<void> {
    await snapshot.close().catch((error) => this.logger.warn({ event: 'export not closed', error }));
  }
}

async function personOf(
  snapshot: Snapshot,
  manager: EntityManager,
  stripeCustomerId: string,
): Promise<ExportedPerson> {
  const customers = await snapshot.rows<{ id: string; userId: string | null }>(
    'select id, user_id as "userId" from customers where stripe_customer_id = $1',
    [stripeCustomerId],
  );
  const customerIds = customers.map(({ id }) => id);
  const userIds = customers.flatMap(({ userId }) => userId ?? []);
  const addresses = await addressesOf(manager, { customerIds, userIds });
  return { stripeCustomerId, customerIds, addresses };
}

async function countRows(snapshot: Snapshot, person: ExportedPerson): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of Object.keys(TABLES)) {
    const text = `select count(*)::float8 as count ${rowsOf(table)}`;
    const [row] = await snapshot.rows<{ count: number }>(text, valuesOf(person));
    counts[table] = row?.count ?? 0;
  }
  return counts;
}

async function* write(snapshot: Snapshot, person: ExportedPerson): AsyncGenerator<string> {
  yield `{"exportedAt":${JSON.stringify(new Date())},"tables":{`;
  let tables = 0;
  for (const table of Object.keys(TABLES)) {
    yield `${tables++ === 0 ? '' : ','}"${table}":[`;
    const rows = `select (to_jsonb(r) - array['token_hash', 'personal_salt', 'personal_digest'])::text as row`;
    let pages = 0;
    for await (const page of snapshot.pages<{ row: string }>(
      `${rows} ${rowsOf(table)}`,
      valuesOf(person),
      PAGE,
    ))
      yield (pages++ === 0 ? '' : ',') + page.map(({ row }) => row).join();
    yield ']';
  }
  yield '}}';
}

function rowsOf(table: string): string {
  return `from ${table} r, (select $1::uuid[] as ids, $2::text as stripe_customer_id, $3::text[] as addresses) person
    where ${TABLES[table]}`;
}

function valuesOf({ stripeCustomerId, customerIds, addresses }: ExportedPerson): unknown[] {
  return [customerIds, stripeCustomerId, addresses];
}

const BY_CUSTOMER = 'r.customer_id = any(person.ids)';

/** Includes events that led to no customer. */
const EVENTS = `${BY_CUSTOMER} or r.stripe_customer_id = person.stripe_customer_id
  and (r.outcome in ('unmatched', 'pending_user', 'pending_customer') or r.outcome = 'rejected')`;

/** The person in the stream of behaviour. */
const PEOPLE = `
  select person_id from people where user_id in (select user_id from customers where id = any(person.ids))`;

/** Each table with personal data, and the condition for the rows of a person. */
const TABLES: Readonly<Record<string, string>> = {
  customers: 'r.id = any(person.ids)',
  users: 'r.id in (select user_id from customers where id = any(person.ids))',
  user_milestones: 'r.user_id in (select user_id from customers where id = any(person.ids))',
  customer_preferences: BY_CUSTOMER,
  portal_accesses: BY_CUSTOMER,
  portal_links: BY_CUSTOMER,
  customer_lifecycles: BY_CUSTOMER,
  lifecycle_transitions: BY_CUSTOMER,
  subscriptions: BY_CUSTOMER,
  invoices: BY_CUSTOMER,
  disputes: BY_CUSTOMER,
  customer_revenues: BY_CUSTOMER,
  mrr_movements: BY_CUSTOMER,
  customer_segments: BY_CUSTOMER,
  segment_changes: BY_CUSTOMER,
  segment_members: BY_CUSTOMER,
  experiment_units: 'r.user_id in (select user_id from customers where id = any(person.ids))',
  customer_predictions: BY_CUSTOMER,
  prediction_outcomes: BY_CUSTOMER,
  notifications: BY_CUSTOMER,
  notification_attempts:
    'r.notification_id in (select id from notifications where customer_id = any(person.ids))',
  in_app_messages: 'r.id in (select id from notifications where customer_id = any(person.ids))',
  suppressions: 'r.address = any(person.addresses)',
  address_failures: 'r.notification_id in (select id from notifications where customer_id = any(person.ids))',
  unread_mail_reports: `${BY_CUSTOMER} or r.addresses && person.addresses`,
  analytics_events: BY_CUSTOMER,
  people: `r.person_id in (${PEOPLE})`,
  anonymous_ids: `r.person_id in (${PEOPLE})`,
  behaviour_events: `r.person_id in (${PEOPLE})`,
  outbox: BY_CUSTOMER,
  deliveries: BY_CUSTOMER,
  delivery_attempts: 'r.delivery_id in (select id from deliveries where customer_id = any(person.ids))',
  connector_links: BY_CUSTOMER,
  connector_erasures: BY_CUSTOMER,
  automation_runs: BY_CUSTOMER,
  automation_steps: 'r.run_id in (select id from automation_runs where customer_id = any(person.ids))',
  automation_crossings: BY_CUSTOMER,
  customer_attributes: BY_CUSTOMER,
  webhook_events: EVENTS,
  audit_entries: `${BY_CUSTOMER} or r.object_type = 'user'
    and r.object_id in (select user_id from customers where id = any(person.ids))`,
};

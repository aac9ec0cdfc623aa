import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PersonalDataExported } from '../../events/customers/personal-data-exported.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { PersonalDataDto } from './erasure.dto.js';
import { addressesOf } from './person-addresses.queries.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** Collects the stored data about a person from all modules. Secrets (digests of links) are left out. */
@Injectable()
export class PersonalData {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Each export is audited. @throws DomainError customer_not_found */
  async export(stripeCustomerId: string): Promise<PersonalDataDto> {
    const customers = await this.dataSource.query<{ id: string; userId: string | null }[]>(
      'select id, user_id as "userId" from customers where stripe_customer_id = $1',
      [stripeCustomerId],
    );
    const customerIds = customers.map(({ id }) => id);
    const userIds = customers.flatMap(({ userId }) => userId ?? []);
    const addresses = await addressesOf(this.dataSource.manager, { customerIds, userIds });
    const person = [customerIds, stripeCustomerId, addresses];
    const tables: PersonalDataDto['tables'] = {};
    for (const [table, where] of Object.entries(TABLES)) {
      const rows = await this.dataSource.query<{ row: Record<string, unknown> }[]>(
        `select to_jsonb(r) - array['token_hash', 'personal_salt', 'personal_digest'] as row
         from ${table} r, (select $1::uuid[] as ids, $2::text as stripe_customer_id, $3::text[] as addresses) person
         where ${where}`,
        person,
      );
      tables[table] = rows.map(({ row }) => row);
    }
    if (customers.length === 0 && tables.webhook_events?.length === 0)
      throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const counts = Object.entries(tables).map(([table, rows]) => [table, rows.length] as const);
    const fact = new PersonalDataExported(stripeCustomerId, customerIds, Object.fromEntries(counts));
    await inTransaction(this.dataSource, (manager) => this.facts.record(manager, fact));
    return { exportedAt: new Date(), tables };
  }
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
  webhook_events: EVENTS,
  audit_entries: `${BY_CUSTOMER} or r.object_type = 'user'
    and r.object_id in (select user_id from customers where id = any(person.ids))`,
};

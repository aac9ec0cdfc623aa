import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import type { PersonalDataDto } from './erasure.dto.js';

/** Collects what is stored of a person, whichever module keeps it. Secrets (digests of links) are left out. */
@Injectable()
export class PersonalData {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError customer_not_found */
  async of(stripeCustomerId: string): Promise<PersonalDataDto> {
    const [customer] = await this.dataSource.query<{ id: string }[]>(
      'select id from customers where stripe_customer_id = $1 order by id desc limit 1',
      [stripeCustomerId],
    );
    if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const tables: PersonalDataDto['tables'] = {};
    for (const [table, where] of Object.entries(TABLES)) {
      const rows = await this.dataSource.query<{ row: Record<string, unknown> }[]>(
        `select to_jsonb(r) - array['token_hash', 'personal_salt', 'personal_digest'] as row from ${table} r where ${where}`,
        [customer.id],
      );
      tables[table] = rows.map(({ row }) => row);
    }
    return { exportedAt: new Date(), tables };
  }
}

const BY_CUSTOMER = 'r.customer_id = $1';

/** Each table that holds something of a person, and which of its rows are about the customer $1. */
const TABLES: Readonly<Record<string, string>> = {
  customers: 'r.id = $1',
  users: 'r.id = (select user_id from customers where id = $1)',
  customer_preferences: BY_CUSTOMER,
  portal_accesses: BY_CUSTOMER,
  portal_links: BY_CUSTOMER,
  customer_lifecycles: BY_CUSTOMER,
  lifecycle_transitions: BY_CUSTOMER,
  notifications: BY_CUSTOMER,
  notification_attempts: 'r.notification_id in (select id from notifications where customer_id = $1)',
  in_app_messages: 'r.id in (select id from notifications where customer_id = $1)',
  suppressions: 'r.address = (select lower(email) from customers where id = $1)',
  analytics_events: BY_CUSTOMER,
  webhook_events: BY_CUSTOMER,
  audit_entries: BY_CUSTOMER,
};

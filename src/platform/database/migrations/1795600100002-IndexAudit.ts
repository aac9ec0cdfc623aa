import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every entry has a unique position; entries are found by customer. Built without blocking the intake. */
export class IndexAudit1795600100002 implements MigrationInterface {
  name = 'IndexAudit1795600100002';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...DROP, ...CREATE]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table audit_entries alter column position drop not null');
    for (const statement of DROP) await queryRunner.query(statement);
  }
}

/** An unfinished index would be taken for a complete one. */
const DROP = [
  'drop index concurrently if exists uq_audit_entries_position',
  'drop index concurrently if exists idx_webhook_events_customer_id',
  'alter table audit_entries drop constraint if exists ck_audit_entries_position',
];

/** A validated constraint avoids the scan under the lock. */
const CREATE = [
  'create unique index concurrently uq_audit_entries_position on audit_entries (position)',
  `create index concurrently idx_webhook_events_customer_id on webhook_events (customer_id, id)
   where customer_id is not null`,
  `alter table audit_entries
   add constraint ck_audit_entries_position check (position is not null) not valid`,
  'alter table audit_entries validate constraint ck_audit_entries_position',
  'alter table audit_entries alter column position set not null',
  'alter table audit_entries drop constraint ck_audit_entries_position',
];

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds events that led to no customer by address, customer and user, and audit entries by action and actor.
 * Built without blocking the intake.
 */
export class FindEvents1796100300000 implements MigrationInterface {
  name = 'FindEvents1796100300000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table webhook_events add column if not exists email text');
    for (const [name, on] of Object.entries(INDEXES)) {
      // An unfinished index would be taken for a complete one.
      await queryRunner.query(`drop index concurrently if exists ${name}`);
      await queryRunner.query(`create index concurrently ${name} on ${on}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await queryRunner.query(`drop index concurrently ${name}`);
    await queryRunner.query('alter table webhook_events drop column email');
  }
}

const INDEXES = {
  idx_webhook_events_email: 'webhook_events (email, id) where email is not null',
  idx_webhook_events_stray_customer:
    'webhook_events (stripe_customer_id, id) where customer_id is null and stripe_customer_id is not null',
  idx_webhook_events_stray_user:
    'webhook_events (mingus_user_id, id) where customer_id is null and mingus_user_id is not null',
  idx_audit_entries_action: 'audit_entries (action, id)',
  idx_audit_entries_actor_id: `audit_entries (actor_id, id) where actor_type <> 'stripe'`,
};

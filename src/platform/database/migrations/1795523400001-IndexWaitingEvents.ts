import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds the events that wait for a customer to be linked. Built outside a transaction, so it does not block
 * the intake.
 */
export class IndexWaitingEvents1795523400001 implements MigrationInterface {
  name = 'IndexWaitingEvents1795523400001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists idx_webhook_events_waiting_customer');
    await queryRunner.query(`create index concurrently idx_webhook_events_waiting_customer
      on webhook_events (stripe_customer_id) where outcome in ('unmatched', 'pending_user')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_webhook_events_waiting_customer');
  }
}

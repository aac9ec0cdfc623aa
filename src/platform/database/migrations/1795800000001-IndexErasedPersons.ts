import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds people who were erased before they had a customer. Built outside a transaction, so it does not block
 * the intake.
 */
export class IndexErasedPersons1795800000001 implements MigrationInterface {
  name = 'IndexErasedPersons1795800000001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists idx_webhook_events_person_erased');
    await queryRunner.query(`create index concurrently idx_webhook_events_person_erased
      on webhook_events (stripe_customer_id) where error_code = 'person_erased'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_webhook_events_person_erased');
  }
}

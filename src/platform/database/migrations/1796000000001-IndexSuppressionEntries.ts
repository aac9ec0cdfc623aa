import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds the entries about an address, for the timeline of a customer, and the entries without a customer that
 * may hold an address, for erasures. Built without blocking the intake.
 */
export class IndexSuppressionEntries1796000000001 implements MigrationInterface {
  name = 'IndexSuppressionEntries1796000000001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists idx_audit_entries_suppressed');
    await queryRunner.query(`create index concurrently idx_audit_entries_suppressed
      on audit_entries ((personal ->> 'address')) where object_type = 'suppression'`);
    await queryRunner.query('drop index concurrently if exists idx_audit_entries_nobodys');
    await queryRunner.query(`create index concurrently idx_audit_entries_nobodys
      on audit_entries (id) where customer_id is null and personal is not null and action <> 'request.refused'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_audit_entries_suppressed');
    await queryRunner.query('drop index concurrently idx_audit_entries_nobodys');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds customers by a former address in any spelling, with any collation of the database. Built without
 * blocking the intake.
 */
export class IndexFormerAddresses1796200600000 implements MigrationInterface {
  name = 'IndexFormerAddresses1796200600000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists idx_audit_entries_former_address');
    await queryRunner.query(`
      create index concurrently idx_audit_entries_former_address
      on audit_entries (lower((personal #>> '{email,before}') collate "C"))
      where action = 'customer.updated' and personal ? 'email'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_audit_entries_former_address');
  }
}

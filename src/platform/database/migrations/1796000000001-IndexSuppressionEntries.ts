import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds what was done to an address, for a customer's timeline. Built without keeping the intake waiting. */
export class IndexSuppressionEntries1796000000001 implements MigrationInterface {
  name = 'IndexSuppressionEntries1796000000001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // One that was not finished would be taken for done.
    await queryRunner.query('drop index concurrently if exists idx_audit_entries_suppressed');
    await queryRunner.query(`create index concurrently idx_audit_entries_suppressed
      on audit_entries ((personal ->> 'address')) where object_type = 'suppression'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_audit_entries_suppressed');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds customers by an address in any spelling, with any collation of the database. Built without blocking
 * the intake. The index of `lower(email)` is for the previous release.
 */
export class IndexFoldedAddresses1796100180001 implements MigrationInterface {
  name = 'IndexFoldedAddresses1796100180001';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently if exists idx_customers_email_folded');
    await queryRunner.query(
      'create index concurrently idx_customers_email_folded on customers (lower(email collate "C"))',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_customers_email_folded');
  }
}

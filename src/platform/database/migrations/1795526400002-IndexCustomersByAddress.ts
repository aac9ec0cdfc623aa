import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds customers by an address in any spelling. Built without blocking the intake. */
export class IndexCustomersByAddress1795526400002 implements MigrationInterface {
  name = 'IndexCustomersByAddress1795526400002';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently if exists idx_customers_email_lower');
    await queryRunner.query(
      'create index concurrently idx_customers_email_lower on customers (lower(email))',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_customers_email_lower');
  }
}

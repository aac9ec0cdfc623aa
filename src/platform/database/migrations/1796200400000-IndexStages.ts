import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the customers of a stage. New customers are left out, so that their creation costs nothing. */
export class IndexStages1796200400000 implements MigrationInterface {
  name = 'IndexStages1796200400000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A build that was broken off leaves an index that is not valid.
    await queryRunner.query('drop index concurrently if exists idx_customer_lifecycles_stage');
    await queryRunner.query(`create index concurrently idx_customer_lifecycles_stage
      on customer_lifecycles (stage, customer_id) where stage <> 'onboarding'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_customer_lifecycles_stage');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The number of times that a message was sent again. The default is for processes of the previous release,
 * which still insert rows.
 */
export class CountResends1795900000000 implements MigrationInterface {
  name = 'CountResends1795900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications add column resends integer not null default 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications drop column resends');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a message was sent again. The default is for processes of the release before, which insert meanwhile. */
export class CountResends1795900000000 implements MigrationInterface {
  name = 'CountResends1795900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications add column resends integer not null default 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications drop column resends');
  }
}

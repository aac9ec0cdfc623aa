import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hides the in-app messages of customers without a user. */
export class HideInAppMessages1796000000002 implements MigrationInterface {
  name = 'HideInAppMessages1796000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table in_app_messages alter column user_id drop not null');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('delete from in_app_messages where user_id is null');
    await queryRunner.query('alter table in_app_messages alter column user_id set not null');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A customer may have no user, and so may a notification that was cancelled for it. */
export class AllowUnlinkedCustomers1795523400000 implements MigrationInterface {
  name = 'AllowUnlinkedCustomers1795523400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customers alter column user_id drop not null');
    await queryRunner.query('alter table notifications alter column user_id drop not null');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications alter column user_id set not null');
    await queryRunner.query('alter table customers alter column user_id set not null');
  }
}

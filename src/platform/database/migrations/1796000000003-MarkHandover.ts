import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a message is being handed over whose outcome must not be guessed. */
export class MarkHandover1796000000003 implements MigrationInterface {
  name = 'MarkHandover1796000000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications add column handed_over_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications drop column handed_over_at');
  }
}

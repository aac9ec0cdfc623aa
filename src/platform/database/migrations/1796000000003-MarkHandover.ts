import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The start of a handover of a message. While it is set, the outcome of the handover is unknown. */
export class MarkHandover1796000000003 implements MigrationInterface {
  name = 'MarkHandover1796000000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications add column handed_over_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications drop column handed_over_at');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The time when a person was erased. */
export class AddErasure1795600400000 implements MigrationInterface {
  name = 'AddErasure1795600400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customers add column erased_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table customers drop column erased_at');
  }
}

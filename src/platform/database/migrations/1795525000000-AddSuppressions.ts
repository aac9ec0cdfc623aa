import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses that get no mail. */
export class AddSuppressions1795525000000 implements MigrationInterface {
  name = 'AddSuppressions1795525000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table suppressions (
        id uuid not null,
        address text not null,
        reason text not null,
        source text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        constraint pk_suppressions primary key (id),
        constraint uq_suppressions_address unique (address),
        constraint ck_suppressions_reason check (reason in ('hard_bounce', 'complaint', 'manual'))
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table suppressions');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddSampleRatioChecks1796201000001 implements MigrationInterface {
  name = 'AddSampleRatioChecks1796201000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table sample_ratio_checks (
        id smallint not null constraint pk_sample_ratio_checks primary key,
        checked_at timestamptz not null,
        mismatches integer not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table sample_ratio_checks');
  }
}

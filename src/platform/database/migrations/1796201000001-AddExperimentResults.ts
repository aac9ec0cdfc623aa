import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddExperimentResults1796201000001 implements MigrationInterface {
  name = 'AddExperimentResults1796201000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table sample_ratio_checks (
        id smallint not null constraint pk_sample_ratio_checks primary key,
        checked_at timestamptz not null,
        mismatches integer not null
      )`);
    await queryRunner.query(`
      create table experiment_counts (
        experiment_id integer not null constraint pk_experiment_counts primary key,
        as_of timestamptz not null,
        counts jsonb not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table sample_ratio_checks, experiment_counts');
  }
}

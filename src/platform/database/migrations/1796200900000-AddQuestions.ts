import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddQuestions1796200900000 implements MigrationInterface {
  name = 'AddQuestions1796200900000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table analytics_questions (
        id uuid not null constraint pk_analytics_questions primary key,
        name text not null constraint uq_analytics_questions_name unique,
        created_at timestamptz not null
      )`);
    await queryRunner.query(`
      create table analytics_question_versions (
        id uuid not null constraint pk_analytics_question_versions primary key,
        question_id uuid not null constraint fk_analytics_question_versions_question
          references analytics_questions on delete cascade,
        version integer not null,
        definition jsonb not null,
        created_by text,
        created_at timestamptz not null,
        constraint uq_analytics_question_versions_version unique (question_id, version)
      )`);
    await queryRunner.query(`
      create table analytics_rollups (
        version_id uuid not null constraint pk_analytics_rollups primary key
          constraint fk_analytics_rollups_version references analytics_question_versions on delete cascade,
        wanted_at timestamptz not null,
        as_of timestamptz,
        findings jsonb
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table analytics_rollups, analytics_question_versions, analytics_questions');
  }
}

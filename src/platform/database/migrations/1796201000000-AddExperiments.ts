import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddExperiments1796201000000 implements MigrationInterface {
  name = 'AddExperiments1796201000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notifications drop column template_version');
    await queryRunner.query(
      'drop table experiment_units, experiment_phases, experiments, experiment_revisions',
    );
  }
}

const STATEMENTS = [
  `create table experiment_revisions (
    id smallint not null constraint pk_experiment_revisions primary key,
    revision bigint not null
  )`,
  'insert into experiment_revisions (id, revision) values (1, 0)',
  `create table experiments (
    id serial not null constraint pk_experiments primary key,
    name text not null constraint uq_experiments_name unique,
    description text not null,
    status text not null,
    namespace jsonb,
    segment text,
    goals jsonb not null,
    guardrails jsonb not null,
    decision jsonb,
    created_by text,
    created_at timestamptz not null,
    started_at timestamptz,
    stopped_at timestamptz,
    decided_at timestamptz,
    constraint ck_experiments_status check (status in ('draft', 'running', 'stopped', 'decided'))
  )`,
  `create table experiment_phases (
    id serial not null constraint pk_experiment_phases primary key,
    experiment_id integer not null,
    number integer not null,
    seed text not null,
    arms jsonb not null,
    coverage double precision not null,
    started_at timestamptz,
    ended_at timestamptz,
    constraint uq_experiment_phases_experiment_id_number unique (experiment_id, number)
  )`,
  `create table experiment_units (
    user_id text not null constraint pk_experiment_units primary key,
    customer_id uuid,
    person_id bigint,
    phase_ids integer[] not null,
    arms integer[] not null,
    assigned_at timestamptz[] not null,
    source text,
    country text,
    user_age text not null
  )`,
  'alter table notifications add column template_version integer',
];

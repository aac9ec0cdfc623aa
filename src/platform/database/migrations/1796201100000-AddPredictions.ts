import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddPredictions1796201100000 implements MigrationInterface {
  name = 'AddPredictions1796201100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'drop table prediction_outcomes, customer_predictions, prediction_states, prediction_models',
    );
  }
}

const STATEMENTS = [
  `create table prediction_models (
    id uuid not null constraint pk_prediction_models primary key,
    target text not null,
    version integer not null,
    status text not null,
    trained_at timestamptz not null,
    trained_by text,
    card jsonb not null,
    vocabulary jsonb not null,
    model jsonb not null,
    constraint uq_prediction_models_target_version unique (target, version)
  )`,
  `create table prediction_states (
    target text not null constraint pk_prediction_states primary key,
    serving_model_id uuid,
    trained_at timestamptz,
    scored_at timestamptz,
    scored_model_id uuid,
    whole_scoring_at timestamptz,
    whole_scoring_model_id uuid,
    drift jsonb
  )`,
  `create table customer_predictions (
    customer_id uuid not null,
    target text not null,
    score double precision not null,
    model_id uuid not null,
    scored_at timestamptz not null,
    is_held_out boolean not null,
    noted_at timestamptz,
    constraint pk_customer_predictions primary key (customer_id, target)
  )`,
  'create index idx_customer_predictions_score on customer_predictions (target, score, customer_id)',
  `create table prediction_outcomes (
    id uuid not null constraint pk_prediction_outcomes primary key,
    customer_id uuid,
    target text not null,
    t0 timestamptz not null,
    score double precision not null,
    model_id uuid not null,
    is_held_out boolean not null,
    window_ends_at timestamptz not null,
    outcome boolean
  )`,
  'create index idx_prediction_outcomes_customer_id on prediction_outcomes (customer_id)',
  `create index idx_prediction_outcomes_open on prediction_outcomes (target, window_ends_at)
    where outcome is null`,
];

import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddAutomations1796201500000 implements MigrationInterface {
  name = 'AddAutomations1796201500000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `drop table customer_attributes, automation_crossings, automation_steps, automation_runs, automation_versions,
        automations`,
    );
  }
}

const STATEMENTS = [
  `create table automations (
    name text not null constraint pk_automations primary key,
    version integer not null,
    enabled boolean not null,
    enabled_at timestamptz,
    overdue_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
  `create table automation_versions (
    automation text not null,
    version integer not null,
    definition jsonb not null,
    created_by text,
    created_at timestamptz not null,
    constraint pk_automation_versions primary key (automation, version)
  )`,
  `create table automation_runs (
    id uuid not null constraint pk_automation_runs primary key,
    automation text not null,
    version integer not null,
    customer_id uuid not null,
    occurrence text not null,
    state text not null,
    reason text,
    step integer not null,
    due_at timestamptz,
    waits_until timestamptz,
    attempts integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    constraint uq_automation_runs_start unique (automation, customer_id, occurrence),
    constraint ck_automation_runs_state check (state in ('running', 'waiting', 'done', 'stopped', 'failed'))
  ) with (fillfactor = 85)`,
  'create index idx_automation_runs_due_at on automation_runs (automation, due_at) where due_at is not null',
  'create index idx_automation_runs_customer_id on automation_runs (customer_id)',
  `create index idx_automation_runs_failed on automation_runs (automation, id) where state = 'failed'`,
  `create table automation_steps (
    id uuid not null constraint pk_automation_steps primary key,
    run_id uuid not null constraint fk_automation_steps_run references automation_runs on delete cascade,
    step integer not null,
    kind text not null,
    outcome text not null,
    effect_id uuid,
    ended_at timestamptz not null,
    constraint uq_automation_steps_step unique (run_id, step)
  )`,
  `create table automation_crossings (
    automation text not null,
    customer_id uuid not null,
    crossed_at timestamptz not null,
    constraint pk_automation_crossings primary key (automation, customer_id)
  )`,
  'create index idx_automation_crossings_customer_id on automation_crossings (customer_id)',
  `create table customer_attributes (
    customer_id uuid not null,
    key text not null,
    value jsonb not null,
    run_id uuid not null,
    set_at timestamptz not null,
    constraint pk_customer_attributes primary key (customer_id, key)
  )`,
];

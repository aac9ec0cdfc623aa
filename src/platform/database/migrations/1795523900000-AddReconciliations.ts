import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Comparisons with Stripe, and the events of the inbox that they found. */
export class AddReconciliations1795523900000 implements MigrationInterface {
  name = 'AddReconciliations1795523900000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    await queryRunner.query(COLUMNS);
    await queryRunner.query(CUSTOMERS_BY_CREATION);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index idx_customers_stripe_created_at');
    await queryRunner.query('alter table webhook_events drop column reconciliation_id, drop column notify');
    await queryRunner.query('drop table reconciliation_findings, reconciliations');
  }
}

/** Finds the stored customers that were created in the time range of a page of Stripe's list. */
const CUSTOMERS_BY_CREATION = `
  create index idx_customers_stripe_created_at on customers (stripe_created_at)`;

const COLUMNS = `
  alter table webhook_events
    add column reconciliation_id uuid,
    add column notify boolean not null default true`;

const TABLES = `
  create table reconciliations (
    id uuid not null,
    source text not null,
    since timestamptz,
    until timestamptz not null,
    notify boolean not null,
    dry_run boolean not null,
    status text not null,
    reason text,
    phase text not null,
    position text,
    position_created_at timestamptz,
    pages integer not null,
    counts jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    constraint pk_reconciliations primary key (id),
    constraint ck_reconciliations_source check (source in ('admin_api', 'cli', 'schedule')),
    constraint ck_reconciliations_status
      check (status in ('running', 'complete', 'incomplete', 'failed', 'cancelled')),
    constraint ck_reconciliations_phase
      check (phase in ('undelivered_events', 'events', 'customers', 'done'))
  );
  create unique index uq_reconciliations_running on reconciliations (dry_run) where status = 'running';
  create table reconciliation_findings (
    id uuid not null,
    reconciliation_id uuid not null,
    kind text not null,
    result text not null,
    stripe_event_id text,
    stripe_customer_id text,
    fields jsonb not null,
    reason text,
    constraint pk_reconciliation_findings primary key (id),
    constraint fk_reconciliation_findings_reconciliation
      foreign key (reconciliation_id) references reconciliations (id) on delete cascade,
    constraint ck_reconciliation_findings_kind check (kind in ('missing', 'extra', 'different')),
    constraint ck_reconciliation_findings_result
      check (result in ('repaired', 'unmatched', 'failed', 'reported'))
  );
  create index idx_reconciliation_findings_reconciliation
    on reconciliation_findings (reconciliation_id, id);`;

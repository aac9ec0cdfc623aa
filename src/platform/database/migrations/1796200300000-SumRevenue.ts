import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sums of movements by day for the reports, and the newest comparison of revenue with its movements. */
export class SumRevenue1796200300000 implements MigrationInterface {
  name = 'SumRevenue1796200300000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A run that was broken off begins again.
    await queryRunner.query('drop table if exists mrr_days, revenue_checks');
    await queryRunner.query(TABLES);
    await queryRunner.query('drop index concurrently if exists idx_mrr_movements_recorded_at');
    await queryRunner.query(
      'create index concurrently idx_mrr_movements_recorded_at on mrr_movements (recorded_at)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_mrr_movements_recorded_at');
    await queryRunner.query('drop table mrr_days, revenue_checks');
  }
}

const TABLES = `
  create table mrr_days (
    day date not null,
    currency text not null,
    kind text not null,
    amount_minor bigint not null,
    movements integer not null,
    constraint pk_mrr_days primary key (day, currency, kind)
  );
  create table revenue_checks (
    id smallint not null,
    checked_at timestamptz not null,
    summed_up_to timestamptz not null,
    differences integer not null,
    constraint pk_revenue_checks primary key (id)
  )`;

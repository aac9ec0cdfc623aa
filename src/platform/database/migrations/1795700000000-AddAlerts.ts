import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Alerts, their history, and the counts of all processes that they evaluate. */
export class AddAlerts1795700000000 implements MigrationInterface {
  name = 'AddAlerts1795700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table alerts (
        name text not null,
        state text not null,
        since timestamptz not null,
        clear_since timestamptz,
        value double precision not null,
        detail text not null,
        evaluated_at timestamptz not null,
        told_at timestamptz,
        acknowledged_by text,
        silenced_until timestamptz,
        silence_reason text,
        constraint pk_alerts primary key (name),
        constraint ck_alerts_state check (state in ('inactive', 'pending', 'firing', 'resolved'))
      )`);
    await queryRunner.query(`
      create table alert_changes (
        id uuid not null,
        name text not null,
        change text not null,
        value double precision not null,
        detail text not null,
        occurred_at timestamptz not null,
        routes_left text[] not null,
        claimed_until timestamptz,
        constraint pk_alert_changes primary key (id),
        constraint ck_alert_changes_change
          check (change in ('inactive', 'pending', 'firing', 'reminded', 'resolved'))
      )`);
    await queryRunner.query(
      `create index idx_alert_changes_untold on alert_changes (id) where routes_left <> '{}'`,
    );
    await queryRunner.query(`
      create table signal_counts (
        name text not null,
        minute timestamptz not null,
        count bigint not null,
        constraint pk_signal_counts primary key (name, minute)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['signal_counts', 'alert_changes', 'alerts']) {
      await queryRunner.query(`drop table ${table}`);
    }
  }
}

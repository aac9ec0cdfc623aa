import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The findings of the watchdog, and the webhook secrets in use. */
export class AddWatchdog1795523883000 implements MigrationInterface {
  name = 'AddWatchdog1795523883000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table watchdog_findings (
        name text not null,
        state text not null,
        detail text not null,
        failed_runs integer not null,
        checked_at timestamptz not null,
        since timestamptz not null,
        constraint ck_watchdog_findings_state check (state in ('ok', 'warning', 'unknown')),
        constraint pk_watchdog_findings primary key (name)
      );
      create table webhook_secret_uses (
        position integer not null,
        kind text not null,
        last_used_at timestamptz not null,
        constraint ck_webhook_secret_uses_kind check (kind in ('snapshot', 'thin')),
        constraint pk_webhook_secret_uses primary key (position, kind)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table webhook_secret_uses, watchdog_findings');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Comparisons with Stripe include subscriptions, invoices and disputes; a finding names the object that differs. */
export class ReconcileBilling1796200500000 implements MigrationInterface {
  name = 'ReconcileBilling1796200500000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table reconciliation_findings add column stripe_object_id text;
      alter table reconciliations drop constraint ck_reconciliations_phase;
      alter table reconciliations add constraint ck_reconciliations_phase check (phase in
        ('undelivered_events', 'events', 'customers', 'subscriptions', 'invoices', 'disputes', 'done'));`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table reconciliation_findings drop column stripe_object_id;
      update reconciliations set phase = 'done' where phase in ('subscriptions', 'invoices', 'disputes');
      alter table reconciliations drop constraint ck_reconciliations_phase;
      alter table reconciliations add constraint ck_reconciliations_phase
        check (phase in ('undelivered_events', 'events', 'customers', 'done'));`);
  }
}

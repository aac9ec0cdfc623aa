import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports of mail systems that could not be read, for an operator. */
export class KeepUnreadMailReports1796100140001 implements MigrationInterface {
  name = 'KeepUnreadMailReports1796100140001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table unread_mail_reports (
        id uuid not null,
        digest text not null,
        reason text not null,
        customer_id uuid,
        notification_id uuid,
        sender text not null,
        subject text not null,
        addresses text[] not null,
        body text not null,
        received_at timestamptz not null,
        constraint pk_unread_mail_reports primary key (id),
        constraint uq_unread_mail_reports_digest unique (digest),
        constraint fk_unread_mail_reports_customer foreign key (customer_id)
          references customers (id) on delete cascade
      )`);
    await queryRunner.query(
      'create index idx_unread_mail_reports_customer_id on unread_mail_reports (customer_id)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table unread_mail_reports');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The number of messages that an address refused without a reason. */
export class CountAddressFailures1796100140000 implements MigrationInterface {
  name = 'CountAddressFailures1796100140000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table address_failures (
        id uuid not null,
        address text not null,
        notification_id uuid not null,
        source text not null,
        failed_at timestamptz not null,
        constraint pk_address_failures primary key (id),
        constraint uq_address_failures_address_notification_id unique (address, notification_id),
        constraint fk_address_failures_notification foreign key (notification_id)
          references notifications (id) on delete cascade
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table address_failures');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a channel has not been well. The default is for the row's making, also by the release before. */
export class DateChannelFaults1796000000004 implements MigrationInterface {
  name = 'DateChannelFaults1796000000004';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'alter table notification_channel_states add column since timestamptz not null default now()',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notification_channel_states drop column since');
  }
}

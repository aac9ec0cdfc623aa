import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The start of the faults of a channel. The default is for new rows, also from processes of the previous
 * release.
 */
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

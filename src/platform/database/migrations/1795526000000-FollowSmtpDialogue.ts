import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Details of an attempt beyond its code, and the circuit breaker of each channel. */
export class FollowSmtpDialogue1795526000000 implements MigrationInterface {
  name = 'FollowSmtpDialogue1795526000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table notification_attempts add column enhanced_code text, add column phase text;
      delete from notification_channel_states;
      alter table notification_channel_states
        add column failures integer not null,
        add column probe_until timestamptz,
        alter column paused_until drop not null;`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      delete from notification_channel_states;
      alter table notification_channel_states
        drop column failures,
        drop column probe_until,
        alter column paused_until set not null;
      alter table notification_attempts drop column enhanced_code, drop column phase;`);
  }
}

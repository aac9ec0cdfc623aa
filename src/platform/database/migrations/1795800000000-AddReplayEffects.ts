import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The changes of a replay of many events, or those that it would make. */
export class AddReplayEffects1795800000000 implements MigrationInterface {
  name = 'AddReplayEffects1795800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table webhook_event_replays
      add column rows jsonb not null default '{}',
      add column jobs jsonb not null default '{}',
      add column suppressed_notifications jsonb not null default '{}'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table webhook_event_replays
      drop column rows, drop column jobs, drop column suppressed_notifications`);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The caller who started a replay of many events. The audit shows the caller on each entry of the replay. */
export class NameReplayStarter1796100160000 implements MigrationInterface {
  name = 'NameReplayStarter1796100160000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table webhook_event_replays add column started_by jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table webhook_event_replays drop column started_by');
  }
}

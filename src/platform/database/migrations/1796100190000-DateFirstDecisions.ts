import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The time of the first decision about an event. Null for older events, and for those whose object is not
 * fetched yet.
 */
export class DateFirstDecisions1796100190000 implements MigrationInterface {
  name = 'DateFirstDecisions1796100190000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table webhook_events add column first_decided_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table webhook_events drop column first_decided_at');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What MINGUS reports of users. Milestones reported before stay with their customers only: who else had them is unknown. */
export class AddUserMilestones1796200650000 implements MigrationInterface {
  name = 'AddUserMilestones1796200650000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table user_milestones (
        id uuid not null constraint pk_user_milestones primary key,
        user_id text not null,
        milestone text not null,
        occurred_at timestamptz not null,
        recorded_at timestamptz not null,
        source text not null,
        constraint uq_user_milestones_user_id_milestone unique (user_id, milestone)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table user_milestones');
  }
}

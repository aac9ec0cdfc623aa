import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OperateConnectors1796201400000 implements MigrationInterface {
  name = 'OperateConnectors1796201400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table delivery_attempts (
        id uuid not null constraint pk_delivery_attempts primary key,
        delivery_id uuid not null,
        result text not null,
        code text,
        detail text,
        duration_ms integer not null,
        attempted_at timestamptz not null
      )`);
    await queryRunner.query(
      'create index idx_delivery_attempts_delivery_id on delivery_attempts (delivery_id)',
    );
    await queryRunner.query(
      `alter table connectors add max_per_day integer, add capped_until timestamptz, add backfills_capped_until timestamptz,
        add requests_per_second real`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `alter table connectors drop max_per_day, drop capped_until, drop backfills_capped_until,
        drop requests_per_second`,
    );
    await queryRunner.query('drop table delivery_attempts');
  }
}

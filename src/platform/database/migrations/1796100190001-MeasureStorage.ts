import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The usage of the disks of each process, and the size of tables on each day. */
export class MeasureStorage1796100190001 implements MigrationInterface {
  name = 'MeasureStorage1796100190001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table disk_readings (
        host text not null,
        mount text not null,
        total_bytes bigint not null,
        free_bytes bigint not null,
        measured_at timestamptz not null,
        constraint pk_disk_readings primary key (host, mount)
      )`);
    await queryRunner.query(`
      create table table_sizes (
        table_name text not null,
        day date not null,
        bytes bigint not null,
        constraint pk_table_sizes primary key (table_name, day)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table table_sizes');
    await queryRunner.query('drop table disk_readings');
  }
}

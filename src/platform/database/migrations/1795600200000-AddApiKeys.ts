import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys with roles, and the caller and cause of an audit entry. */
export class AddApiKeys1795600200000 implements MigrationInterface {
  name = 'AddApiKeys1795600200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table api_keys (
        id uuid not null,
        name text not null,
        role text not null,
        prefix text not null,
        digest text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        constraint pk_api_keys primary key (id),
        constraint uq_api_keys_prefix unique (prefix),
        constraint ck_api_keys_role check (role in ('viewer', 'operator', 'admin', 'service'))
      )`);
    await queryRunner.query(`
      alter table audit_entries
        add column actor_name text, add column request_id text, add column job_id text, add column ip text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table audit_entries
        drop column actor_name, drop column request_id, drop column job_id, drop column ip`);
    await queryRunner.query('drop table api_keys');
  }
}

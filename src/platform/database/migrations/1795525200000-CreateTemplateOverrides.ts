import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The content of messages as written by operators, in versions. */
export class CreateTemplateOverrides1795525200000 implements MigrationInterface {
  name = 'CreateTemplateOverrides1795525200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table template_overrides (
        id uuid not null,
        kind text not null,
        language text not null,
        version integer not null,
        subject text not null,
        preheader text not null,
        blocks jsonb not null,
        active boolean not null,
        created_at timestamptz not null,
        constraint ck_template_overrides_version check (version > 0),
        constraint uq_template_overrides_kind_language_version unique (kind, language, version),
        constraint pk_template_overrides primary key (id)
      )`);
    await runner.query(
      'create unique index uq_template_overrides_active on template_overrides (kind, language) where active',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table template_overrides');
  }
}

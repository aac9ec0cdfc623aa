import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives existing entries their positions, in the order of their ids, and moves the personal values of their
 * details to a column where they can be erased. Only rows are locked, so the intake continues. Other sessions
 * see the function of the triggers only before and after the change.
 */
export class NumberAuditEntries1795600100001 implements MigrationInterface {
  name = 'NumberAuditEntries1795600100001';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ refusing }] = await queryRunner.query(
      `select pg_get_functiondef('refuse_audit_change'::regproc) as refusing`,
    );
    await queryRunner.query(ALLOW_CHANGES);
    await queryRunner.query(NUMBER);
    await queryRunner.query(MOVE_PERSONAL_VALUES);
    await queryRunner.query(refusing);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const [{ refusing }] = await queryRunner.query(
      `select pg_get_functiondef('refuse_audit_change'::regproc) as refusing`,
    );
    await queryRunner.query(ALLOW_CHANGES);
    await queryRunner.query(MOVE_PERSONAL_VALUES_BACK);
    await queryRunner.query(refusing);
  }
}

const ALLOW_CHANGES = `
  create or replace function refuse_audit_change() returns trigger language plpgsql as $$
  begin return new; end $$`;

const NUMBER = `
  update audit_entries entry set position = numbered.position
  from (
    select id, nextval('audit_entries_position_seq') as position
    from (select id from audit_entries where position is null order by id) as unnumbered
  ) as numbered
  where entry.id = numbered.id`;

/** The moved values get no salt and digest, because their earlier content was never sealed. */
const MOVE_PERSONAL_VALUES = `
  update audit_entries
  set details = details - name, personal = jsonb_build_object(name, details -> name)
  from (values ('customer.updated', 'email'), ('address_suppression.%', 'address'), ('portal_access.%', 'reason'))
    as moved (actions, name)
  where action like actions and details ? name`;

const MOVE_PERSONAL_VALUES_BACK = `
  update audit_entries set details = details || personal, personal = null, personal_salt = null
  where personal is not null`;

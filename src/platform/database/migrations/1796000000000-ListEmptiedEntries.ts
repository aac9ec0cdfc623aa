import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasing tells the positions of the entries it has emptied, and finds addresses that are written decomposed. */
export class ListEmptiedEntries1796000000000 implements MigrationInterface {
  name = 'ListEmptiedEntries1796000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const schema = await schemaOf(queryRunner);
    await queryRunner.query('drop function erase_audit_personal');
    await queryRunner.query(
      eraseFunction(schema, 'setof bigint', `normalize(told #>> '{}')`, 'select position from erased'),
    );
    await queryRunner.query(GRANT);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const schema = await schemaOf(queryRunner);
    await queryRunner.query('drop function erase_audit_personal');
    await queryRunner.query(eraseFunction(schema, 'bigint', `told #>> '{}'`, 'select count(*) from erased'));
    await queryRunner.query(GRANT);
  }
}

/** At once: until all migrations have run, or where a later one fails, people are to be erased, too. */
const GRANT = `
  do $$ begin
    if exists (select from pg_roles where rolname = 'mingus_onboarding_app') then
      grant execute on function erase_audit_personal to mingus_onboarding_app;
    end if;
  end $$`;

async function schemaOf(queryRunner: QueryRunner): Promise<string> {
  const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
  return schema as string;
}

const eraseFunction = (schema: string, returned: string, told: string, answer: string) => `
  create function erase_audit_personal(customers uuid[], addresses text[]) returns ${returned}
  language sql security definer set search_path = ${schema}, pg_temp as $$
    with erased as (
      update audit_entries set personal = null, personal_salt = null
      where personal is not null and (
        customer_id = any(customers)
        or customer_id is null and exists (
          select from jsonb_path_query(personal, 'strict $.** ? (@.type() == "string")') as told
          where lower(${told}) in (select lower(address) from unnest(addresses) as address)
        )
      )
      returning position
    )
    ${answer}
  $$;
  revoke execute on function erase_audit_personal from public`;

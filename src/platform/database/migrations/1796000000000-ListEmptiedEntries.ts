import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Erasing returns the positions of the erased entries, and finds addresses in decomposed spelling. */
export class ListEmptiedEntries1796000000000 implements MigrationInterface {
  name = 'ListEmptiedEntries1796000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await replaceFunction(queryRunner, 'setof bigint', ERASE);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await replaceFunction(queryRunner, 'bigint', ERASE_AND_COUNT);
  }
}

async function replaceFunction(queryRunner: QueryRunner, returned: string, body: string): Promise<void> {
  const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
  await queryRunner.query('drop function erase_audit_personal');
  await queryRunner.query(`
    create function erase_audit_personal(customers uuid[], addresses text[]) returns ${returned}
    language sql security definer set search_path = ${schema}, pg_temp as $$ ${body} $$;
    revoke execute on function erase_audit_personal from public`);
  await queryRunner.query(GRANT);
}

/** Granted at once, so that erasures work also before later migrations have run, or if one of them fails. */
const GRANT = `
  do $$ begin
    if exists (select from pg_roles where rolname = 'mingus_onboarding_app') then
      grant execute on function erase_audit_personal to mingus_onboarding_app;
    end if;
  end $$`;

const holdsAddress = (told: string) => `exists (
  select from jsonb_path_query(personal, 'strict $.** ? (@.type() == "string")') as told
  where lower(${told}) in (select lower(address) from unnest(addresses) as address))`;

/**
 * Entries without a customer are searched separately, with their own index, which does not contain refused
 * requests.
 */
const ERASE = `
  with of_customers as (
    update audit_entries set personal = null, personal_salt = null
    where personal is not null and customer_id = any(customers)
    returning position
  ), of_nobody as (
    update audit_entries set personal = null, personal_salt = null
    where personal is not null and customer_id is null and action <> 'request.refused'
      and ${holdsAddress(`normalize(told #>> '{}')`)}
    returning position
  )
  select position from of_customers union all select position from of_nobody`;

const ERASE_AND_COUNT = `
  with erased as (
    update audit_entries set personal = null, personal_salt = null
    where personal is not null
      and (customer_id = any(customers) or customer_id is null and ${holdsAddress(`told #>> '{}'`)})
    returning 1
  )
  select count(*) from erased`;

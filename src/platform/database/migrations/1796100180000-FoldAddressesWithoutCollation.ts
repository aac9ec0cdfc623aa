import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Erasing finds addresses with any collation of the database: with a Turkish one, `lower()` does not turn `I`
 * into `i`. Both sides are composed before the comparison.
 */
export class FoldAddressesWithoutCollation1796100180000 implements MigrationInterface {
  name = 'FoldAddressesWithoutCollation1796100180000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await replaceBody(queryRunner, (text) => `lower(${text} collate "C")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await replaceBody(queryRunner, (text) => `lower(${text})`);
  }
}

async function replaceBody(queryRunner: QueryRunner, fold: (text: string) => string): Promise<void> {
  const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
  await queryRunner.query(`
    create or replace function erase_audit_personal(customers uuid[], addresses text[]) returns setof bigint
    language sql security definer set search_path = ${schema}, pg_temp as $$
      with of_customers as (
        update audit_entries set personal = null, personal_salt = null
        where personal is not null and customer_id = any(customers)
        returning position
      ), of_nobody as (
        update audit_entries set personal = null, personal_salt = null
        where personal is not null and customer_id is null and action <> 'request.refused'
          and exists (
            select from jsonb_path_query(personal, 'strict $.** ? (@.type() == "string")') as told
            where ${fold(`normalize(told #>> '{}')`)} in (select ${fold('address')} from unnest(addresses) as address)
          )
        returning position
      )
      select position from of_customers union all select position from of_nobody
    $$`);
}

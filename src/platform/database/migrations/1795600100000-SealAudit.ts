import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Positions of audit entries, seals over them, personal values that can be erased, and the role of the
 * service.
 */
export class SealAudit1795600100000 implements MigrationInterface {
  name = 'SealAudit1795600100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
    await queryRunner.query(COLUMNS);
    await queryRunner.query(SEALS);
    await queryRunner.query(REFUSE_CHANGES);
    await queryRunner.query(erasePersonal(schema));
    await queryRunner.query(CREATE_ROLE);
    await queryRunner.query(grantRights(schema));
  }

  /** The role stays: other databases of the server may use it. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function grant_application_rights, erase_audit_personal');
    await queryRunner.query('drop table audit_seals');
    await queryRunner.query(REFUSE_ALL_CHANGES);
    await queryRunner.query('drop function refuse_change');
    await queryRunner.query(`alter table audit_entries
      drop column position, drop column personal, drop column personal_salt, drop column personal_digest`);
  }
}

/** No table is rewritten: existing entries get their positions with the next migration. */
const COLUMNS = `
  alter table audit_entries
    add column position bigint,
    add column personal jsonb,
    add column personal_salt text,
    add column personal_digest text;
  create sequence audit_entries_position_seq as bigint owned by audit_entries.position;
  alter table audit_entries alter column position set default nextval('audit_entries_position_seq')`;

const SEALS = `
  create table audit_seals (
    id bigint not null,
    first_position bigint not null,
    last_position bigint not null,
    entry_count integer not null,
    entry_digests bytea not null,
    entries_hash text not null,
    previous_hash text not null,
    hash text not null,
    sealed_at timestamptz not null,
    constraint pk_audit_seals primary key (id)
  );
  alter table audit_seals alter column entry_digests set storage external`;

/** The personal values of an entry may be erased, all at once. Nothing else about it may change. */
const REFUSE_CHANGES = `
  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
  end $$;
  create trigger audit_seals_append_only
    before update or delete on audit_seals for each row execute function refuse_change();
  create trigger audit_seals_no_truncate
    before truncate on audit_seals for each statement execute function refuse_change();
  alter table audit_seals enable always trigger audit_seals_append_only;
  alter table audit_seals enable always trigger audit_seals_no_truncate;

  create or replace function refuse_audit_change() returns trigger language plpgsql as $$
  declare
    erasable constant text[] := '{personal,personal_salt}';
  begin
    if tg_op = 'UPDATE' then
      if new.personal is null and new.personal_salt is null
        and to_jsonb(new) - erasable = to_jsonb(old) - erasable
      then
        return new;
      end if;
    end if;
    raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
  end $$`;

const REFUSE_ALL_CHANGES = `
  create or replace function refuse_audit_change() returns trigger language plpgsql as $$
  begin
    raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
  end $$`;

/**
 * The only change that the service can make to entries: it erases the personal values in the entries of these
 * customers, and in entries without a customer that hold one of these addresses. Returns the number of
 * entries.
 */
const erasePersonal = (schema: string) => `
  create function erase_audit_personal(customers uuid[], addresses text[]) returns bigint
  language sql security definer set search_path = ${schema}, pg_temp as $$
    with erased as (
      update audit_entries set personal = null, personal_salt = null
      where personal is not null and (
        customer_id = any(customers)
        or customer_id is null and exists (
          select from jsonb_path_query(personal, 'strict $.** ? (@.type() == "string")') as told
          where lower(told #>> '{}') in (select lower(address) from unnest(addresses) as address)
        )
      )
      returning 1
    )
    select count(*) from erased
  $$;
  revoke execute on function erase_audit_personal from public`;

/** Roles belong to the whole server. If the migrating role may not create one, the administrator does it. */
const CREATE_ROLE = `
  do $$ begin
    create role mingus_onboarding_app nologin;
  exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
      raise warning 'Role mingus_onboarding_app cannot be created by %: create it and migrate again', current_user;
  end $$`;

/**
 * Grants the minimal rights of the service on all tables of the owner of the audit. Called after every
 * migration run, so that new tables, also those of the job engine, are included.
 */
const grantRights = (schema: string) => `
  create function grant_application_rights() returns void
  language plpgsql set search_path = ${schema}, pg_temp as $$
  declare
    app constant text := 'mingus_onboarding_app';
    thing record;
  begin
    if not exists (select from pg_roles where rolname = app) then return; end if;
    execute format('grant usage on schema ${schema}, graphile_worker to %I', app);
    for thing in
      select c.oid::regclass as name, c.relkind as kind, c.relrowsecurity as by_row,
        format('%I.%I', n.nspname, c.relname) as full_name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (n.nspname = 'graphile_worker' or c.relnamespace = '${schema}'::regnamespace)
        and c.relowner = (select relowner from pg_class where oid = 'audit_entries'::regclass)
        and c.relkind in ('r', 'p', 'v', 'S')
        and not has_table_privilege(app, c.oid, 'select')
    loop
      if thing.kind = 'S' then
        execute format('grant usage, select on sequence %s to %I', thing.full_name, app);
      elsif thing.full_name like '%migrations' then
        execute format('grant select on %s to %I', thing.full_name, app);
      elsif thing.name in ('audit_entries'::regclass, 'audit_seals'::regclass) then
        execute format('grant select, insert on %s to %I', thing.full_name, app);
      else
        execute format('grant select, insert, update, delete on %s to %I', thing.full_name, app);
      end if;
      if thing.by_row then
        execute format('create policy %I on %s to %I using (true) with check (true)', app, thing.full_name, app);
      end if;
    end loop;
    execute format('grant execute on function erase_audit_personal to %I', app);
  end $$;
  revoke execute on function grant_application_rights from public`;

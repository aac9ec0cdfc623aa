import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people do, by month of the event. The service may not create tables, so functions of the owner make the months. */
export class AddBehaviour1796200700000 implements MigrationInterface {
  name = 'AddBehaviour1796200700000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
    await queryRunner.query(`
      create table people (
        person_id bigserial not null constraint pk_people primary key,
        user_id text constraint uq_people_user_id unique,
        is_emptying boolean not null default false
      )`);
    await queryRunner.query('create index idx_people_is_emptying on people (person_id) where is_emptying');
    await queryRunner.query(`
      create table anonymous_ids (
        anonymous_id text not null constraint pk_anonymous_ids primary key,
        person_id bigint not null,
        recorded_at timestamptz not null
      )`);
    await queryRunner.query('create index idx_anonymous_ids_person_id on anonymous_ids (person_id)');
    await queryRunner.query(`
      create table behaviour_events (
        occurred_at timestamptz not null,
        event_id bigserial not null,
        recorded_at timestamptz not null default now(),
        message_key uuid not null,
        person_id bigint,
        anonymous_id text,
        type text not null,
        name text not null,
        properties jsonb not null,
        context jsonb not null,
        constraint pk_behaviour_events primary key (occurred_at, event_id)
      ) partition by range (occurred_at)`);
    for (const index of INDEXES) await queryRunner.query(index);
    await queryRunner.query(makeMonth(schema));
    await queryRunner.query(dropMonths(schema));
    await queryRunner.query(grantRights(schema));
    await queryRunner.query(MAKE_FIRST_MONTHS);
    await queryRunner.query(CHECK_ROLE);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(CHECK_FORMER_ROLE);
    await queryRunner.query(GRANT_FORMER_RIGHTS);
    await queryRunner.query('drop function make_behaviour_month, drop_behaviour_months');
    await queryRunner.query('drop table behaviour_events, anonymous_ids, people');
  }
}

const INDEXES = [
  'create index idx_behaviour_events_message_key on behaviour_events (message_key)',
  `create index idx_behaviour_events_late on behaviour_events (message_key)
   where recorded_at - occurred_at > interval '1 day'`,
  'create index idx_behaviour_events_name on behaviour_events (name, occurred_at, event_id, person_id)',
  'create index idx_behaviour_events_person_id on behaviour_events (person_id, name, occurred_at)',
  `create index idx_behaviour_events_anonymous_id on behaviour_events (anonymous_id) where person_id is null`,
];

/**
 * Makes the partition of a month (UTC), named by its first day, if it does not exist. It is attached to the table, because
 * `create table … partition of` would wait for all readers of the table, and all others for it.
 */
const makeMonth = (schema: string) => `
  create function make_behaviour_month(first_day date) returns void
  language plpgsql security definer set search_path = ${schema}, pg_temp set timezone = 'UTC' as $$
  declare
    month timestamptz := date_trunc('month', first_day::timestamptz);
    partition text := 'behaviour_events_' || to_char(month, 'YYYYMM');
  begin
    if to_regclass(partition) is not null then return; end if;
    perform pg_advisory_xact_lock(hashtext('behaviour months'));
    -- A query sees what was committed while this one waited; to_regclass may not.
    if exists (select from pg_class where relname = partition) then return; end if;
    execute format('create table %I (like behaviour_events including all)', partition);
    execute format('alter table behaviour_events attach partition %I for values from (%L) to (%L)',
      partition, month, month + interval '1 month');
  end $$;
  revoke execute on function make_behaviour_month from public`;

/** Drops the partitions whose months ended before a day. Returns the names of the dropped ones. */
const dropMonths = (schema: string) => `
  create function drop_behaviour_months(before date) returns setof text
  language plpgsql security definer set search_path = ${schema}, pg_temp set timezone = 'UTC' as $$
  declare
    month record;
  begin
    perform pg_advisory_xact_lock(hashtext('behaviour months'));
    for month in
      select inhrelid::regclass::text as partition from pg_inherits
      where inhparent = 'behaviour_events'::regclass
        and to_date(right(inhrelid::regclass::text, 6), 'YYYYMM') + interval '1 month' <= before
    loop
      execute format('drop table %s', month.partition);
      return next month.partition;
    end loop;
  end $$;
  revoke execute on function drop_behaviour_months from public`;

const MAKE_FIRST_MONTHS = `
  select make_behaviour_month((now() + make_interval(months => ahead))::date) from generate_series(0, 2) as ahead`;

const CHECK_ROLE = `
  alter table api_keys drop constraint ck_api_keys_role;
  alter table api_keys add constraint ck_api_keys_role
    check (role in ('viewer', 'operator', 'admin', 'service', 'collector'))`;

const CHECK_FORMER_ROLE = `
  delete from api_keys where role = 'collector';
  alter table api_keys drop constraint ck_api_keys_role;
  alter table api_keys add constraint ck_api_keys_role check (role in ('viewer', 'operator', 'admin', 'service'))`;

/** Called after every migration run: the role of the service may be made later than these functions. */
const grantRights = (schema: string) => `
  alter function grant_application_rights rename to grant_table_rights;
  create function grant_application_rights() returns void
  language plpgsql set search_path = ${schema}, pg_temp as $$
  begin
    perform grant_table_rights();
    if exists (select from pg_roles where rolname = 'mingus_onboarding_app') then
      grant execute on function make_behaviour_month, drop_behaviour_months to mingus_onboarding_app;
    end if;
  end $$;
  revoke execute on function grant_application_rights from public`;

const GRANT_FORMER_RIGHTS = `
  drop function grant_application_rights;
  alter function grant_table_rights rename to grant_application_rights`;

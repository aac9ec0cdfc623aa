import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people do, by month of the event. The service may not create tables, so functions of the owner make the months. */
export class AddBehaviour1796200700000 implements MigrationInterface {
  name = 'AddBehaviour1796200700000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }] = await queryRunner.query('select quote_ident(current_schema()) as schema');
    await queryRunner.query(`
      create table people (
        person_id bigserial not null constraint pk_people primary key,
        user_id text constraint uq_people_user_id unique
      )`);
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
    await queryRunner.query(GRANT);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function make_behaviour_month, drop_behaviour_months');
    await queryRunner.query('drop table behaviour_events, anonymous_ids, people');
  }
}

const INDEXES = [
  'create index idx_behaviour_events_message_key on behaviour_events (message_key)',
  'create index idx_behaviour_events_name on behaviour_events (name, occurred_at, event_id, person_id)',
  'create index idx_behaviour_events_person_id on behaviour_events (person_id, name, occurred_at)',
  `create index idx_behaviour_events_anonymous_id on behaviour_events (anonymous_id) where person_id is null`,
];

/** Makes the partition of a month (UTC), named by its first day, if it does not exist. */
const makeMonth = (schema: string) => `
  create function make_behaviour_month(first_day date) returns void
  language plpgsql security definer set search_path = ${schema}, pg_temp set timezone = 'UTC' as $$
  begin
    execute format('create table if not exists %I partition of behaviour_events for values from (%L) to (%L)',
      'behaviour_events_' || to_char(first_day, 'YYYYMM'), date_trunc('month', first_day),
      date_trunc('month', first_day) + interval '1 month');
  end $$;
  revoke execute on function make_behaviour_month from public`;

/** Drops the partitions whose months ended before a day. Returns the names of the dropped ones. */
const dropMonths = (schema: string) => `
  create function drop_behaviour_months(before date) returns setof text
  language plpgsql security definer set search_path = ${schema}, pg_temp set timezone = 'UTC' as $$
  declare
    month record;
  begin
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

const GRANT = `
  do $$ begin
    if exists (select from pg_roles where rolname = 'mingus_onboarding_app') then
      grant execute on function make_behaviour_month, drop_behaviour_months to mingus_onboarding_app;
    end if;
  end $$`;

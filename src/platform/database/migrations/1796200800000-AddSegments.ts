import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddSegments1796200800000 implements MigrationInterface {
  name = 'AddSegments1796200800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'drop table segment_candidates, segment_members, segment_changes, customer_segments, segment_versions, segments, segment_revisions',
    );
    await queryRunner.query('drop function hash_bucket, fnv32a');
  }
}

/**
 * A filling changes no indexed column of most rows of `customer_segments`: with some room in each page, such an update
 * writes no index.
 *
 * `fnv32a` is FNV-1a with 32 bits over UTF-16 code units, `hash_bucket` is version 2 of GrowthBook's hash. The bytes of a
 * text of ASCII are its code units, and a third of the time is enough for them.
 */
const STATEMENTS = [
  `create table segment_revisions (
    id smallint not null constraint pk_segment_revisions primary key,
    revision bigint not null
  )`,
  'insert into segment_revisions (id, revision) values (1, 0)',
  `create table segments (
    id serial not null constraint pk_segments primary key,
    name text not null constraint uq_segments_name unique,
    description text not null,
    serving_version_id integer,
    created_at timestamptz not null
  )`,
  `create table segment_versions (
    id serial not null constraint pk_segment_versions primary key,
    segment_id integer not null,
    segment text not null,
    version integer not null,
    rule jsonb not null,
    status text not null,
    created_by text,
    created_at timestamptz not null,
    staged_at timestamptz,
    served_from timestamptz,
    served_until timestamptz,
    constraint uq_segment_versions_segment_id_version unique (segment_id, version),
    constraint ck_segment_versions_status check (status in ('filling', 'serving', 'retired'))
  )`,
  `create table customer_segments (
    customer_id uuid not null constraint pk_customer_segments primary key,
    member_of integer[] not null,
    first_member_of integer[] not null,
    next_evaluation_at timestamptz,
    revision bigint not null,
    evaluated_at timestamptz not null,
    is_projected boolean not null,
    projected_until bigint
  ) with (fillfactor = 85)`,
  'create index idx_customer_segments_unprojected on customer_segments (customer_id) where not is_projected',
  `create index idx_customer_segments_next_evaluation_at on customer_segments (next_evaluation_at)
    where next_evaluation_at is not null`,
  `create table segment_changes (
    id uuid not null constraint pk_segment_changes primary key,
    sequence bigserial not null,
    customer_id uuid not null,
    entered integer[] not null,
    "left" integer[] not null,
    cause text not null,
    stripe_event_id text,
    effective_at timestamptz not null,
    recorded_at timestamptz not null
  )`,
  'create index idx_segment_changes_customer_id on segment_changes (customer_id, sequence)',
  `create table segment_members (
    version_id integer not null,
    customer_id uuid not null,
    since timestamptz not null,
    constraint pk_segment_members primary key (version_id, customer_id)
  )`,
  'create index idx_segment_members_customer_id on segment_members (customer_id)',
  `create table segment_candidates (
    version_id integer not null,
    customer_id uuid not null,
    constraint pk_segment_candidates primary key (version_id, customer_id)
  )`,
  `create function fnv32a(input text) returns bigint
  language plpgsql immutable strict parallel safe as $$
  declare
    hash bigint := 2166136261;
    bytes bytea := convert_to(input, 'UTF8');
    code integer;
  begin
    if octet_length(input) = length(input) then
      for position in 0 .. length(input) - 1 loop
        hash := ((hash # get_byte(bytes, position)) * 16777619) & 4294967295;
      end loop;
      return hash;
    end if;
    for position in 1 .. length(input) loop
      code := ascii(substr(input, position, 1));
      if code > 65535 then
        hash := ((hash # (55232 + (code >> 10))) * 16777619) & 4294967295;
        code := 56320 + (code & 1023);
      end if;
      hash := ((hash # code) * 16777619) & 4294967295;
    end loop;
    return hash;
  end $$`,
  `create function hash_bucket(seed text, unit text) returns float8
  language sql immutable strict parallel safe
  return (fnv32a(fnv32a(seed || unit)::text) % 10000)::float8 / 10000`,
];

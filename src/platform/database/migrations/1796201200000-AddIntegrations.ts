import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddIntegrations1796201200000 implements MigrationInterface {
  name = 'AddIntegrations1796201200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `drop table connector_backfills, connector_erasures, deliveries, connector_links, connector_mappings,
        connector_rates, connectors, outbox_positions, outbox_sequences, outbox`,
    );
  }
}

const STATEMENTS = [
  `create table outbox (
    id uuid not null constraint pk_outbox primary key,
    customer_id uuid not null,
    sequence bigint not null,
    partition smallint not null,
    txid bigint not null,
    type text not null,
    data jsonb not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    constraint uq_outbox_customer_id_sequence unique (customer_id, sequence)
  )`,
  'create index idx_outbox_partition on outbox (partition, txid, customer_id, sequence)',
  `create table outbox_sequences (
    customer_id uuid not null constraint pk_outbox_sequences primary key,
    sequence bigint not null,
    txid bigint not null
  ) with (fillfactor = 85)`,
  `create table outbox_positions (
    consumer text not null,
    partition smallint not null,
    txid bigint not null,
    customer_id uuid not null,
    sequence bigint not null,
    moved_at timestamptz not null,
    constraint pk_outbox_positions primary key (consumer, partition)
  )`,
  `create table connectors (
    name text not null constraint pk_connectors primary key,
    system text not null,
    enabled boolean not null,
    enabled_at timestamptz,
    settings jsonb not null,
    secrets jsonb not null,
    sends_people boolean not null,
    events jsonb not null,
    mapping_version integer not null,
    failures integer not null,
    paused_until timestamptz,
    probe_until timestamptz,
    fault text,
    fault_since timestamptz,
    last_success_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
  `create table connector_rates (
    credential text not null constraint pk_connector_rates primary key,
    free_at timestamptz not null
  )`,
  `create table connector_mappings (
    connector text not null,
    version integer not null,
    fields jsonb not null,
    created_by text,
    created_at timestamptz not null,
    constraint pk_connector_mappings primary key (connector, version)
  )`,
  `create table connector_links (
    connector text not null,
    customer_id uuid not null,
    foreign_id text,
    fields_digest text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_connector_links primary key (connector, customer_id)
  ) with (fillfactor = 85)`,
  'create index idx_connector_links_customer_id on connector_links (customer_id)',
  `create table deliveries (
    id uuid not null constraint pk_deliveries primary key,
    position bigserial not null,
    connector text not null,
    customer_id uuid not null,
    kind text not null,
    occurrence text not null,
    content jsonb not null,
    status text not null,
    is_backfill boolean not null,
    attempts integer not null,
    next_attempt_at timestamptz not null,
    reason text,
    detail text,
    is_unknown boolean not null,
    claim uuid,
    claimed_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    constraint uq_deliveries_effect unique (connector, customer_id, kind, occurrence),
    constraint ck_deliveries_status check (
      status in ('queued', 'delivering', 'accepted', 'unchanged', 'rejected', 'held', 'cancelled'))
  )`,
  `create index idx_deliveries_queued on deliveries (connector, is_backfill, position) where status = 'queued'`,
  `create index idx_deliveries_open on deliveries (connector, customer_id, position)
    where status in ('queued', 'delivering')`,
  `create index idx_deliveries_claimed_until on deliveries (claimed_until) where status = 'delivering'`,
  `create index idx_deliveries_undelivered on deliveries (connector, id) where status in ('rejected', 'held')`,
  'create index idx_deliveries_customer_id on deliveries (customer_id)',
  `create table connector_erasures (
    connector text not null,
    customer_id uuid not null,
    stripe_customer_id text not null,
    status text not null,
    reason text,
    attempts integer not null,
    next_attempt_at timestamptz,
    requested_at timestamptz not null,
    settled_at timestamptz,
    constraint pk_connector_erasures primary key (connector, customer_id),
    constraint ck_connector_erasures_status check (
      status in ('under_way', 'accepted', 'confirmed', 'refused', 'unsupported'))
  )`,
  `create table connector_backfills (
    id uuid not null constraint pk_connector_backfills primary key,
    connector text not null,
    status text not null,
    position uuid,
    queued integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    constraint ck_connector_backfills_status check (status in ('running', 'complete', 'cancelled'))
  )`,
  `create unique index uq_connector_backfills_running on connector_backfills (connector) where status = 'running'`,
];

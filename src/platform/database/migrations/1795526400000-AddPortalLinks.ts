import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links into the billing portal, the configurations behind them, and counts of requests. */
export class AddPortalLinks1795526400000 implements MigrationInterface {
  name = 'AddPortalLinks1795526400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table portal_links, portal_configurations, request_counts');
  }
}

const TABLES = `
  create table portal_links (
    id uuid not null,
    customer_id uuid not null,
    token_hash text not null,
    purpose text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    claimed_at timestamptz,
    used_at timestamptz,
    constraint uq_portal_links_token_hash unique (token_hash),
    constraint pk_portal_links primary key (id),
    constraint fk_portal_links_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create index idx_portal_links_customer_id on portal_links (customer_id);
  create table portal_configurations (
    fingerprint text not null,
    livemode boolean not null,
    configuration_id text not null,
    created_at timestamptz not null,
    constraint pk_portal_configurations primary key (fingerprint, livemode)
  );
  create table request_counts (
    subject text not null,
    hour timestamptz not null,
    count integer not null,
    constraint pk_request_counts primary key (subject, hour)
  );`;

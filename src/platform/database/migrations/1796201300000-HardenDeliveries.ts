import type { MigrationInterface, QueryRunner } from 'typeorm';

export class HardenDeliveries1796201300000 implements MigrationInterface {
  name = 'HardenDeliveries1796201300000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const STATUSES = `'queued', 'delivering', 'accepted', 'unchanged', 'rejected', 'held', 'cancelled'`;

const UP = [
  'alter table connectors add account text, add account_checked_for text',
  'alter table outbox_positions add started_at timestamptz not null default now()',
  'alter table outbox_positions alter started_at drop default',
  'alter table connector_backfills add is_forced boolean not null default false',
  'alter table connector_backfills alter is_forced drop default',
  'alter table deliveries add tried_at timestamptz, add foreign_id text',
  `update deliveries set tried_at = updated_at where attempts > 0 or status not in ('queued', 'cancelled')`,
  'alter table deliveries drop constraint ck_deliveries_status',
  `alter table deliveries add constraint ck_deliveries_status check (status in (${STATUSES}, 'skipped'))`,
  `create index idx_deliveries_skipped on deliveries (connector, position) where status = 'skipped'`,
  'create index idx_deliveries_created on deliveries (connector, id) where foreign_id is not null',
  `create index idx_deliveries_cancelled on deliveries (connector, id)
   where status = 'cancelled' and reason is distinct from 'connector_deleted'`,
  `create index idx_connector_erasures_unsettled on connector_erasures (connector, next_attempt_at)
   where status in ('under_way', 'refused')`,
];

const DOWN = [
  'drop index idx_connector_erasures_unsettled',
  'drop index idx_deliveries_created',
  'drop index idx_deliveries_cancelled',
  'drop index idx_deliveries_skipped',
  `update deliveries set status = 'cancelled' where status = 'skipped'`,
  'alter table deliveries drop constraint ck_deliveries_status',
  `alter table deliveries add constraint ck_deliveries_status check (status in (${STATUSES}))`,
  'alter table deliveries drop column tried_at, drop column foreign_id',
  'alter table connector_backfills drop column is_forced',
  'alter table outbox_positions drop column started_at',
  'alter table connectors drop column account, drop column account_checked_for',
];

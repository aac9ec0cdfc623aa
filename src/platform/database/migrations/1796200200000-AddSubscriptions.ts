import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Subscriptions, payments, revenue and all stages. Intake continues during this migration: constraints are validated and the index is
 * built without a lock that keeps it waiting.
 */
export class AddSubscriptions1796200200000 implements MigrationInterface {
  name = 'AddSubscriptions1796200200000';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A run that was broken off begins again.
    await queryRunner.query(
      'drop table if exists mrr_movements, customer_revenues, disputes, invoices, subscriptions',
    );
    await queryRunner.query(TABLES);
    await queryRunner.query(
      `alter table customer_lifecycles add column if not exists risks jsonb not null default '[]'`,
    );
    await this.check(queryRunner, 'customer_lifecycles', 'stage', STAGES);
    await this.check(queryRunner, 'webhook_events', 'outcome', OUTCOMES);
    // An unfinished index would be taken for a complete one.
    await queryRunner.query('drop index concurrently if exists idx_webhook_events_pending_customer');
    await queryRunner.query(`create index concurrently idx_webhook_events_pending_customer
      on webhook_events (stripe_customer_id) where outcome = 'pending_customer'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index concurrently idx_webhook_events_pending_customer');
    await queryRunner.query('drop table mrr_movements, customer_revenues, disputes, invoices, subscriptions');
    await queryRunner.query(`
      update customer_lifecycles set stage = case stage
        when 'trialing' then 'onboarding' when 'past_due' then 'at_risk' when 'paused' then 'at_risk'
        when 'lapsed' then 'churned' else stage end
      where stage <> all(array[${quoted(STAGES_BEFORE)}])`);
    await queryRunner.query(
      `update webhook_events set outcome = 'unmatched' where outcome = 'pending_customer'`,
    );
    await this.check(queryRunner, 'webhook_events', 'outcome', OUTCOMES_BEFORE);
    await this.check(queryRunner, 'customer_lifecycles', 'stage', STAGES_BEFORE);
    await queryRunner.query('alter table customer_lifecycles drop column risks');
  }

  private async check(
    queryRunner: QueryRunner,
    table: string,
    column: string,
    values: readonly string[],
  ): Promise<void> {
    const name = `ck_${table}_${column}`;
    await queryRunner.query(`
      alter table ${table}
        drop constraint if exists ${name},
        add constraint ${name} check (${column} in (${quoted(values)})) not valid`);
    await queryRunner.query(`alter table ${table} validate constraint ${name}`);
  }
}

const TABLES = `
  create table subscriptions (
    customer_id uuid not null,
    stripe_subscription_id text not null,
    status text not null,
    items jsonb not null,
    discounts jsonb not null,
    mrr jsonb not null,
    is_price_known boolean not null,
    cancel_at_period_end boolean not null,
    cancel_at timestamptz,
    canceled_at timestamptz,
    ended_at timestamptz,
    trial_start timestamptz,
    trial_end timestamptz,
    current_period_end timestamptz,
    is_collection_paused boolean not null,
    started_at timestamptz,
    test_clock text,
    stripe_event_id text not null,
    state_at timestamptz not null,
    state_told_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint ck_subscriptions_status check (status in ('incomplete', 'incomplete_expired', 'trialing', 'active',
      'past_due', 'canceled', 'unpaid', 'paused')),
    constraint pk_subscriptions primary key (customer_id, stripe_subscription_id),
    constraint fk_subscriptions_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create table invoices (
    customer_id uuid not null,
    stripe_invoice_id text not null,
    stripe_subscription_id text,
    status text not null,
    currency text not null,
    amount_due_minor bigint not null,
    amount_paid_minor bigint not null,
    is_payment_failed boolean not null,
    paid_at timestamptz,
    stripe_created_at timestamptz,
    stripe_event_id text not null,
    state_at timestamptz not null,
    state_told_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_invoices primary key (customer_id, stripe_invoice_id),
    constraint fk_invoices_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create index idx_invoices_payment_failed on invoices (customer_id) where is_payment_failed;
  create table disputes (
    customer_id uuid not null,
    stripe_dispute_id text not null,
    stripe_charge_id text not null,
    status text not null,
    is_open boolean not null,
    reason text,
    currency text not null,
    amount_minor bigint not null,
    stripe_created_at timestamptz,
    stripe_event_id text not null,
    state_at timestamptz not null,
    state_told_by text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pk_disputes primary key (customer_id, stripe_dispute_id),
    constraint fk_disputes_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create index idx_disputes_open on disputes (customer_id) where is_open;
  create table customer_revenues (
    customer_id uuid not null,
    revision integer not null,
    mrr jsonb not null,
    first_paid_at timestamptz,
    updated_at timestamptz not null,
    constraint pk_customer_revenues primary key (customer_id),
    constraint fk_customer_revenues_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create table mrr_movements (
    id uuid not null,
    customer_id uuid not null,
    kind text not null,
    currency text not null,
    amount_minor bigint not null,
    before_minor bigint not null,
    after_minor bigint not null,
    stripe_event_id text,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    constraint ck_mrr_movements_kind check (kind in ('new', 'reactivation', 'expansion', 'contraction', 'churn')),
    constraint ck_mrr_movements_amount check (amount_minor = after_minor - before_minor and amount_minor <> 0),
    constraint pk_mrr_movements primary key (id),
    constraint fk_mrr_movements_customer foreign key (customer_id) references customers(id) on delete cascade
  );
  create index idx_mrr_movements_customer_id on mrr_movements (customer_id, id);
  create index idx_mrr_movements_occurred_at on mrr_movements (occurred_at)`;

function quoted(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ');
}

const STAGES_BEFORE = ['onboarding', 'active', 'at_risk', 'churned'];
const STAGES = ['onboarding', 'trialing', 'active', 'at_risk', 'past_due', 'paused', 'churned', 'lapsed'];
const OUTCOMES_BEFORE = [
  'created',
  'updated',
  'deleted',
  'duplicate',
  'stale',
  'rejected',
  'unmatched',
  'pending_user',
  'fetching',
  'ignored',
];
const OUTCOMES = [...OUTCOMES_BEFORE.slice(0, 8), 'pending_customer', ...OUTCOMES_BEFORE.slice(8)];

import type { BenchDatabase } from './bench-database.js';
import { eventBodySql, USER_ID_SQL } from './load/event.js';

const CHUNK = 50_000;
const SECONDS_APART = 30;

/**
 * Fills an empty schema with customers created one after another until now, with all rows that the service
 * writes for each, and their notifications sent.
 */
export async function storeCustomers(database: BenchDatabase, customers: number): Promise<void> {
  // Foreign keys are not checked row by row: the rows are known to be right.
  await database.query('set session_replication_role = replica');
  for (let from = 1; from <= customers; from += CHUNK) {
    const to = Math.min(from + CHUNK - 1, customers);
    await database.query(INSERT_CHUNK, [from, to, customers]);
    console.log(`  ${to} of ${customers} customers stored`);
  }
  await database.query('reset session_replication_role');
  // Autovacuum would otherwise run during the measurement.
  await database.query('vacuum analyze');
  const { rows } = await database.query(
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  );
  console.log(`  database size ${rows[0].size}`);
}

const BODY = eventBodySql({
  hex: 'md5(key)',
  short: 'left(md5(key), 15)',
  eventTime: 'to_hex(created)',
  customerTime: 'to_hex(created >> 8)',
  createdAt: 'created::text',
});

/** Customers `$1` … `$2` of `$3`. */
const INSERT_CHUNK = `
  with keys as (
    select 'preload-' || n as key,
      extract(epoch from now())::bigint - ($3::bigint - n) * ${SECONDS_APART} as created
    from generate_series($1::bigint, $2::bigint) n
  ), bodies as materialized (
    select ${USER_ID_SQL('key')} as user_id, to_timestamp(created) as at, ${BODY} as body from keys
  ), source as materialized (
    select user_id, at, body, body::jsonb as event, body::jsonb #> '{data,object}' as customer,
      uuidv7(at - now()) as id
    from bodies
  ), new_users as (
    insert into users (id, email, name, created_at)
    select user_id, customer ->> 'email', customer ->> 'name', at from source
  ), new_events as (
    insert into webhook_events (id, stripe_event_id, type, livemode, api_version, request_id,
      stripe_created_at, outcome, stripe_customer_id, mingus_user_id, customer_id, body,
      received_at, decided_at)
    select uuidv7(at - now()), event ->> 'id', event ->> 'type', false, event ->> 'api_version',
      event #>> '{request,id}', at, 'created', customer ->> 'id', user_id, id, body, at, at
    from source
  ), new_customers as (
    insert into customers (id, user_id, stripe_customer_id, livemode, stripe_event_id, email, name,
      phone, description, address, shipping, metadata, preferred_locales, currency, balance_minor,
      tax_exempt, invoice_prefix, next_invoice_sequence, invoice_settings, delinquent,
      stripe_created_at, additional_fields, state_at, state_told_by, created_at, updated_at)
    select id, user_id, customer ->> 'id', false, event ->> 'id', customer ->> 'email',
      customer ->> 'name', customer ->> 'phone', customer ->> 'description', customer -> 'address',
      customer -> 'shipping', customer -> 'metadata', customer -> 'preferred_locales',
      customer ->> 'currency', 0, customer ->> 'tax_exempt', customer ->> 'invoice_prefix', 1,
      customer -> 'invoice_settings', false, at, '{"customer_account": null}', at, event ->> 'type', at, at
    from source
  ), new_preferences as (
    insert into customer_preferences (customer_id, notifications, currency, invoice_delivery, locale,
      timezone, metadata, created_at, updated_at)
    select id, '{"welcome": {"email": true}, "onboarding_guide": {"email": true},
      "portal_access": {"email": true}, "billing": {"email": true}, "product_updates": {"email": false}}',
      'usd', 'email', 'en-US', 'America/Los_Angeles', '{}', at, at
    from source
  ), new_portal_accesses as (
    insert into portal_accesses (customer_id, status, permissions, metadata, granted_at, updated_at)
    select id, 'active', '{"viewInvoices": true, "updatePaymentMethod": true,
      "updateBillingDetails": true, "cancelSubscription": true}',
      jsonb_build_object('grantedBy', event ->> 'id'), at, at
    from source
  ), new_lifecycles as (
    insert into customer_lifecycles (customer_id, stage, stage_entered_at, stage_recorded_at, milestones)
    select id, 'onboarding', at, at, jsonb_build_object('created', at, 'welcomed', at,
      'portal_accessed', null, 'first_payment', null)
    from source
  ), new_transitions as (
    insert into lifecycle_transitions (id, customer_id, to_stage, trigger, occurred_at, recorded_at)
    select uuidv7(at - now()), id, 'onboarding', 'customer_created', at, at from source
  ), new_notifications as (
    insert into notifications (id, customer_id, user_id, kind, channel, status, attempts, sent_at,
      created_at, updated_at)
    select uuidv7(at - now()), id, user_id, kind, 'email', 'sent', 1, at, at, at
    from source, unnest(array['welcome', 'onboarding_guide', 'portal_access']) kind
  )
  insert into audit_entries (id, customer_id, action, actor_type, actor_id, object_type, object_id,
    source, stripe_event_id, details, processing_ms, occurred_at)
  select uuidv7(at - now()), id, 'customer.created', 'stripe', event #>> '{request,id}', 'customer',
    customer ->> 'id', 'webhook', event ->> 'id', jsonb_build_object('userId', user_id,
    'livemode', false, 'apiVersion', event ->> 'api_version', 'account', null,
    'creationMethod', 'api', 'stripeCreatedAt', at, 'receivedAt', at), 3, at
  from source`;

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keeps Stripe's time and ours apart, and lets a customer have several analytics events of one name. Stored
 * rows hold our time as `occurred_at`: it becomes `recorded_at`, and Stripe's time is taken from the customer
 * and from the event behind the change. If neither is known, `occurred_at` stays ours and `is_time_estimated`
 * is set. The defaults are for processes of the previous release, which still insert rows.
 */
export class KeepBothTimes1796200100000 implements MigrationInterface {
  name = 'KeepBothTimes1796200100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table lifecycle_transitions
        add column stripe_event_id text,
        add column recorded_at timestamptz not null default now(),
        add column is_time_estimated boolean not null default false;
      alter table customer_lifecycles
        add column stage_recorded_at timestamptz not null default now(),
        add column milestones_recorded jsonb not null default '{}';
      alter table analytics_events
        add column recorded_at timestamptz not null default now(),
        add constraint uq_analytics_events_cause unique (customer_id, name, stripe_event_id),
        drop constraint uq_analytics_events_name_customer_id`);
    for (const fill of [TRANSITIONS, LIFECYCLES, ANALYTICS_EVENTS]) await queryRunner.query(fill);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      delete from analytics_events later using analytics_events earlier
      where later.customer_id = earlier.customer_id and later.name = earlier.name and later.id > earlier.id;
      alter table analytics_events
        drop constraint uq_analytics_events_cause,
        add constraint uq_analytics_events_name_customer_id unique (name, customer_id),
        drop column recorded_at;
      alter table customer_lifecycles
        drop column stage_recorded_at,
        drop column milestones_recorded;
      alter table lifecycle_transitions
        drop column stripe_event_id,
        drop column recorded_at,
        drop column is_time_estimated`);
  }
}

/** A creation gets the time when Stripe created the customer, a deletion the time of Stripe's event. */
const TRANSITIONS = `
  update lifecycle_transitions t set
    stripe_event_id = told.stripe_event_id,
    recorded_at = t.occurred_at,
    occurred_at = coalesce(told.at, t.occurred_at),
    is_time_estimated = told.at is null
  from (
    select t.customer_id, t.id,
      case t.trigger when 'customer_created' then c.stripe_event_id else deletion.stripe_event_id end
        as stripe_event_id,
      case t.trigger
        when 'customer_created' then coalesce(c.stripe_created_at, creation.stripe_created_at)
        else deletion.stripe_created_at
      end as at
    from lifecycle_transitions t
    join customers c on c.id = t.customer_id
    left join webhook_events creation on creation.stripe_event_id = c.stripe_event_id
    left join lateral (
      select stripe_event_id, stripe_created_at from webhook_events
      where t.trigger = 'customer_deleted' and customer_id = t.customer_id and outcome = 'deleted'
      order by id limit 1
    ) deletion on true
  ) told
  where told.customer_id = t.customer_id and told.id = t.id`;

/** All milestones except the creation happen in this service, so their time is the time of their record. */
const LIFECYCLES = `
  update customer_lifecycles l set
    stage_recorded_at = newest.recorded_at,
    stage_entered_at = newest.occurred_at,
    milestones_recorded = jsonb_strip_nulls(l.milestones),
    milestones = l.milestones || jsonb_build_object('created',
      to_char(first.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from lifecycle_transitions newest, lifecycle_transitions first
  where newest.customer_id = l.customer_id and newest.to_stage = l.stage
    and newest.id = (select id from lifecycle_transitions where customer_id = l.customer_id order by id desc limit 1)
    and first.customer_id = l.customer_id and first.from_stage is null`;

/** The ids are UUIDs of version 7, which begin with the time of their creation in milliseconds. */
const ANALYTICS_EVENTS = `
  update analytics_events set
    recorded_at = to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)`;

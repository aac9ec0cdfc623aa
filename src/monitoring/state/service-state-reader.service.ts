import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JOB_STATES } from '../../platform/jobs/engine.queries.js';
import { JobSettings } from '../../platform/jobs/job.settings.js';
import type { ServiceState } from './service-state.js';

const NOTHING: ServiceState = {
  jobs: {},
  oldestReadySeconds: 0,
  workers: 0,
  openEvents: {},
  oldestFetchingSeconds: 0,
  pausedChannels: {},
  channelDownSeconds: 0,
  channelFaults: {},
  firing: [],
  findings: {},
  revenueDifferences: 0,
  sampleRatioMismatches: 0,
  rollupsBehindSeconds: 0,
  segmentsBehindSeconds: 0,
  predictionsLateSeconds: 0,
  predictionDrifts: {},
  outboxBehindSeconds: 0,
  connectorFaults: {},
  connectorDownSeconds: 0,
  deliveriesBehindSeconds: {},
  rejectedDeliveries: {},
  heldDeliveries: {},
  unsettledErasures: 0,
  automationsBehindSeconds: 0,
  automationRuns: {},
  automationFailures: 0,
};

/** Reads from the database what metrics and alerts say about the state of the service. */
@Injectable()
export class ServiceStateReader {
  constructor(
    private readonly settings: JobSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async read(): Promise<ServiceState> {
    const [row] = await this.dataSource.query<{ state: Partial<ServiceState> }[]>(STATE, [
      this.settings.leaseSeconds,
    ]);
    return { ...NOTHING, ...row?.state };
  }
}

/** Once a pause has ended and nothing is due, nothing shows whether the connector works. */
const IS_PAUSED = `paused_until > now() - interval '10 minutes'`;

/** More rows of a kind are not counted: their number says no more than this. */
const COUNTED_MAX = 10_000;

/** Read every few seconds by each process, so it must not depend on the number of stored events or customers. */
export const STATE = `
  with queue as materialized (
    select state, count(*), min(run_at) as oldest
    from (${JOB_STATES}) as jobs
    group by 1
  ), channels as (
    select channel, reason, since, paused_until > now() - interval '10 minutes' as is_paused
    from notification_channel_states
  ), undelivered as materialized (
    select name as connector, status, count(*) from connectors, lateral (
      select status, updated_at from deliveries
      where connector = name and status in ('rejected', 'held') order by id desc limit ${COUNTED_MAX}
    ) as newest
    where status = 'held' or newest.updated_at > now() - interval '24 hours'
    group by name, status
  )
  select jsonb_strip_nulls(jsonb_build_object(
    'jobs', (select jsonb_object_agg(state, count) from queue),
    'oldestReadySeconds', (select extract(epoch from now() - oldest) from queue where state = 'ready'),
    'workers', (
      select count(*) from job_workers where last_heartbeat_at > now() - $1 * interval '1 second'),
    'openEvents', (
      select jsonb_object_agg(outcome, count)
      from unnest('{fetching,pending_user,pending_customer,unmatched}'::text[]) as outcome, lateral (
        select count(*) from (
          -- The second condition lets PostgreSQL use the partial index.
          select from webhook_events
          where webhook_events.outcome = outcome.outcome and webhook_events.outcome <> 'created' limit ${COUNTED_MAX}
        ) as first
      ) as events
      where count > 0),
    'oldestFetchingSeconds', (
      select extract(epoch from now() - received_at) from webhook_events
      where outcome = 'fetching' order by id limit 1),
    'pausedChannels', (select jsonb_object_agg(channel, coalesce(is_paused, false)) from channels),
    'channelDownSeconds', (select extract(epoch from now() - min(since)) from channels where is_paused),
    'channelFaults', (select jsonb_object_agg(channel, reason) from channels where coalesce(is_paused, true)),
    'firing', (select jsonb_agg(name) from alerts where state = 'firing'),
    'revenueDifferences', (select differences from revenue_checks),
    'sampleRatioMismatches', (select mismatches from sample_ratio_checks),
    'rollupsBehindSeconds', (select extract(epoch from now() - min(coalesce(as_of, wanted_at))) from analytics_rollups),
    'segmentsBehindSeconds', (
      select extract(epoch from now() - least(
        (select min(next_evaluation_at) from customer_segments where next_evaluation_at <= now()),
        (select min(evaluated_at) from customer_segments where not is_projected)))),
    'predictionsLateSeconds', (
      select extract(epoch from now() - least(
        min(trained_at) + interval '26 hours', min(coalesce(scored_at, trained_at)) + interval '3 hours', now()))
      from prediction_states where serving_model_id is not null),
    'predictionDrifts', (
      select jsonb_object_agg(target, drift -> 'psiMax') from prediction_states
      where serving_model_id is not null and drift ->> 'psiMax' is not null),
    'outboxBehindSeconds', (
      select extract(epoch from now() - min(recorded_at)) from outbox_positions as position, lateral (
        select recorded_at from outbox
        where outbox.partition = position.partition and (outbox.txid, outbox.customer_id, outbox.sequence)
          > (position.txid, position.customer_id, position.sequence)
        order by outbox.txid, outbox.customer_id, outbox.sequence limit 1
      ) as unread
      where consumer = 'connectors' and exists (select from connectors)
        or consumer = 'automations' and exists (select from automations where enabled)),
    'connectorFaults', (select jsonb_object_agg(name, fault) from connectors where enabled and ${IS_PAUSED}),
    'connectorDownSeconds', (
      select extract(epoch from now() - min(fault_since)) from connectors where enabled and ${IS_PAUSED}),
    'deliveriesBehindSeconds', (
      select jsonb_object_agg(name, extract(epoch from now() - next_attempt_at)) from connectors, lateral (
        select next_attempt_at from deliveries
        where connector = name and status = 'queued' and not is_backfill and next_attempt_at <= now()
        order by position limit 1
      ) as oldest
      where enabled and coalesce(capped_until, '-infinity') <= now()),
    'rejectedDeliveries', (select jsonb_object_agg(connector, count) from undelivered where status = 'rejected'),
    'heldDeliveries', (select jsonb_object_agg(connector, count) from undelivered where status = 'held'),
    'unsettledErasures', (
      select count(*) from connector_erasures
      where status in ('under_way', 'refused')
        and (status = 'refused' or requested_at < now() - interval '24 hours')),
    'automationsBehindSeconds', (
      select extract(epoch from now() - min(due_at))
      from automations cross join lateral (
        select due_at from automation_runs where automation = name and due_at <= now() order by due_at limit 1
      ) as oldest
      where enabled),
    'automationRuns', (
      select jsonb_object_agg(state, count) from (
        select state, count(*) from automations, lateral (
          select state from automation_runs where automation = name and due_at is not null limit ${COUNTED_MAX}
        ) as open
        group by 1
      ) as runs),
    'automationFailures', (
      select count(*) from automations, lateral (
        select ended_at from automation_runs
        where automation = name and state = 'failed' order by id desc limit ${COUNTED_MAX}
      ) as newest
      where ended_at > now() - interval '24 hours'),
    'findings', (
      select jsonb_object_agg(kind, (select sum((list.value ->> kind)::int) from jsonb_each(counts) as list))
      from (
        select counts from reconciliations
        where source = 'schedule' and status = 'complete' order by id desc limit 1
      ) as newest, unnest('{missing,extra,different}'::text[]) as kind)
  )) as state`;

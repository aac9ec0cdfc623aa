import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** What the database tells; the same in every process. */
export interface ServiceState {
  jobs: Record<string, number>;
  oldestReadySeconds: number;
  openEvents: Record<string, number>;
  oldestFetchingSeconds: number;
  /** Whether a channel is paused, or had been within ten minutes and is not well yet. */
  pausedChannels: Record<string, boolean>;
  /** For how long the one of them that came first has not been well. */
  channelDownSeconds: number;
  /** Why a channel had its last fault, until ten minutes after its pause without another: reply or error code. */
  channelFaults: Record<string, string>;
  findings: Record<string, number>;
  /** Names of the alerts that fire. */
  firing: string[];
}

const NOTHING: ServiceState = {
  jobs: {},
  oldestReadySeconds: 0,
  openEvents: {},
  oldestFetchingSeconds: 0,
  pausedChannels: {},
  channelDownSeconds: 0,
  channelFaults: {},
  firing: [],
  findings: {},
};

/** Asks the database how queue, open events, channels, comparison and alerts stand. */
@Injectable()
export class ServiceStateReader {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async read(): Promise<ServiceState> {
    const [row] = await this.dataSource.query<{ state: Partial<ServiceState> }[]>(STATE);
    return { ...NOTHING, ...row?.state };
  }
}

const STATE = `
  with queue as materialized (
    select state, count(*), min(run_at) as oldest
    from (
      select run_at, case
          when locked_at is not null then 'running'
          when attempts >= max_attempts then 'failed'
          when run_at <= now() then 'ready'
          when attempts > 0 then 'retrying'
          else 'scheduled'
        end as state
      from graphile_worker._private_jobs
    ) as jobs
    group by 1
  )
  select jsonb_strip_nulls(jsonb_build_object(
    'jobs', (select jsonb_object_agg(state, count) from queue),
    'oldestReadySeconds', (select extract(epoch from now() - oldest) from queue where state = 'ready'),
    'openEvents', (
      select jsonb_object_agg(outcome, count)
      from unnest('{fetching,pending_user,unmatched}'::text[]) as outcome, lateral (
        select count(*) from (
          select from webhook_events where webhook_events.outcome = outcome.outcome limit 10000
        ) as first
      ) as events
      where count > 0),
    'oldestFetchingSeconds', (
      select extract(epoch from now() - received_at) from webhook_events
      where outcome = 'fetching' order by id limit 1),
    'pausedChannels', (
      select jsonb_object_agg(channel, coalesce(paused_until > now() - interval '10 minutes', false))
      from notification_channel_states),
    'channelDownSeconds', (
      select extract(epoch from now() - min(since)) from notification_channel_states
      where paused_until > now() - interval '10 minutes'),
    'channelFaults', (
      select jsonb_object_agg(channel, reason) from notification_channel_states
      where coalesce(paused_until > now() - interval '10 minutes', true)),
    'firing', (select jsonb_agg(name) from alerts where state = 'firing'),
    'findings', (
      select jsonb_object_agg(kind, (counts #>> array['events', kind])::int + (counts #>> array['customers', kind])::int)
      from (
        select counts from reconciliations
        where source = 'schedule' and status = 'complete' order by id desc limit 1
      ) as newest, unnest('{missing,extra,different}'::text[]) as kind)
  )) as state`;

import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { gauge } from '../platform/metrics/metrics.js';
import { timeout } from './timeout.js';

/** The gauges of one scrape come from one question. */
const FRESH_MS = 1000;

/** What the database tells; the same in every process. */
interface State {
  jobs: Record<string, number>;
  oldestReadySeconds: number;
  openEvents: Record<string, number>;
  oldestFetchingSeconds: number;
  pausedChannels: Record<string, boolean>;
  findings: Record<string, number>;
}

const NOTHING: State = {
  jobs: {},
  oldestReadySeconds: 0,
  openEvents: {},
  oldestFetchingSeconds: 0,
  pausedChannels: {},
  findings: {},
};
const JOB_STATES = ['ready', 'scheduled', 'retrying', 'running', 'failed'];

/** Queue, open events, channels and drift, read when Prometheus asks. Nothing of it is told while the database is away. */
@Injectable()
export class StateGauges {
  private readonly logger = new Logger('metrics');
  private read?: { state: Promise<State | null>; at: number };

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    gauge(registry, 'database_up', async (up) => up.set((await this.state()) ? 1 : 0));
    gauge(registry, 'jobs', async (jobs) => {
      jobs.reset();
      const state = await this.state();
      if (state) for (const name of JOB_STATES) jobs.set({ state: name }, state.jobs[name] ?? 0);
    });
    gauge(registry, 'job_oldest_ready_seconds', async (age) =>
      age.set((await this.state())?.oldestReadySeconds ?? Number.NaN),
    );
    gauge(registry, 'webhook_open_events', async (events) => {
      events.reset();
      for (const [outcome, count] of entries((await this.state())?.openEvents))
        events.set({ outcome }, count);
    });
    gauge(registry, 'webhook_oldest_fetching_seconds', async (age) =>
      age.set((await this.state())?.oldestFetchingSeconds ?? Number.NaN),
    );
    gauge(registry, 'notification_channel_paused', async (paused) => {
      paused.reset();
      for (const [channel, is] of entries((await this.state())?.pausedChannels))
        paused.set({ channel }, is ? 1 : 0);
    });
    gauge(registry, 'reconciliation_findings', async (findings) => {
      findings.reset();
      for (const [kind, count] of entries((await this.state())?.findings)) findings.set({ kind }, count);
    });
  }

  private state(): Promise<State | null> {
    const now = performance.now();
    if (!this.read || now - this.read.at > FRESH_MS) this.read = { state: this.ask(), at: now };
    return this.read.state;
  }

  private async ask(): Promise<State | null> {
    try {
      const rows = await Promise.race([this.dataSource.query<{ state: State }[]>(STATE), timeout()]);
      return rows ? { ...NOTHING, ...rows[0]?.state } : null;
    } catch (error) {
      this.logger.warn({ event: 'state not read for the metrics', error });
      return null;
    }
  }
}

function entries<T>(record: Record<string, T> = {}): [string, T][] {
  return Object.entries(record);
}

const STATE = `
  with queue as (
    select run_at, case
        when locked_at is not null then 'running'
        when attempts >= max_attempts then 'failed'
        when run_at <= now() then 'ready'
        when attempts > 0 then 'retrying'
        else 'scheduled'
      end as state
    from graphile_worker._private_jobs limit 10000
  ), open as (
    select outcome, received_at from webhook_events
    where outcome in ('fetching', 'pending_user', 'unmatched') limit 10000
  )
  select jsonb_strip_nulls(jsonb_build_object(
    'jobs', (select jsonb_object_agg(state, count) from (select state, count(*) from queue group by 1) as jobs),
    'oldestReadySeconds', (select extract(epoch from now() - min(run_at)) from queue where state = 'ready'),
    'openEvents', (
      select jsonb_object_agg(outcome, count) from (select outcome, count(*) from open group by 1) as events),
    'oldestFetchingSeconds', (
      select extract(epoch from now() - min(received_at)) from open where outcome = 'fetching'),
    'pausedChannels', (
      select jsonb_object_agg(channel, coalesce(paused_until > now(), false)) from notification_channel_states),
    'findings', (
      select jsonb_object_agg(kind, (counts #>> array['events', kind])::int + (counts #>> array['customers', kind])::int)
      from (
        select counts from reconciliations
        where source = 'schedule' and status = 'complete' order by id desc limit 1
      ) as newest, unnest('{missing,extra,different}'::text[]) as kind)
  )) as state`;

import { Injectable, Logger } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ALERT_NAMES } from './alerts/declarations/alert-declarations.js';
import { gauge } from '../platform/metrics/metrics.js';
import type { ServiceState } from './state/service-state.js';
import { ServiceStateReader } from './state/service-state-reader.service.js';
import { timeout } from './timeout.js';

/** The gauges of one scrape share one query. */
const FRESH_MS = 1000;

/** Of runs that are under way. */
const RUN_STATES = ['running', 'waiting'];

const JOB_STATES = ['ready', 'scheduled', 'retrying', 'running', 'failed'];

/** Gauges without labels. */
const NUMBERS = [
  ['job_oldest_ready_seconds', 'oldestReadySeconds'],
  ['job_workers', 'workers'],
  ['webhook_oldest_fetching_seconds', 'oldestFetchingSeconds'],
  ['revenue_differences', 'revenueDifferences'],
  ['sample_ratio_mismatches', 'sampleRatioMismatches'],
  ['rollups_behind_seconds', 'rollupsBehindSeconds'],
  ['segments_behind_seconds', 'segmentsBehindSeconds'],
  ['predictions_late_seconds', 'predictionsLateSeconds'],
  ['outbox_behind_seconds', 'outboxBehindSeconds'],
  ['connector_erasures_unsettled', 'unsettledErasures'],
  ['automations_behind_seconds', 'automationsBehindSeconds'],
  ['automation_failures', 'automationFailures'],
] as const;

/**
 * Queue, workers, open events, channels, drift and revenue, read at each scrape. While the database is unavailable,
 * these gauges have no value.
 */
@Injectable()
export class StateGauges {
  private readonly logger = new Logger('metrics');
  private read?: { state: Promise<ServiceState | null>; at: number };

  constructor(
    private readonly reader: ServiceStateReader,
    registry: Registry,
  ) {
    gauge(registry, 'database_up', async (up) => up.set((await this.state()) ? 1 : 0));
    gauge(registry, 'jobs', async (jobs) => {
      jobs.reset();
      const state = await this.state();
      if (state) for (const name of JOB_STATES) jobs.set({ state: name }, state.jobs[name] ?? 0);
    });
    gauge(registry, 'webhook_open_events', async (events) => {
      events.reset();
      for (const [outcome, count] of entries((await this.state())?.openEvents))
        events.set({ outcome }, count);
    });
    gauge(registry, 'notification_channel_paused', async (paused) => {
      paused.reset();
      for (const [channel, is] of entries((await this.state())?.pausedChannels))
        paused.set({ channel }, is ? 1 : 0);
    });
    gauge(registry, 'reconciliation_findings', async (findings) => {
      findings.reset();
      for (const [kind, count] of entries((await this.state())?.findings)) findings.set({ kind }, count);
    });
    for (const [name, key] of NUMBERS)
      gauge(registry, name, async (number) => number.set((await this.state())?.[key] ?? Number.NaN));
    gauge(registry, 'prediction_drift', async (drift) => {
      drift.reset();
      for (const [target, psi] of entries((await this.state())?.predictionDrifts)) drift.set({ target }, psi);
    });
    this.addOutgoing(registry);
    gauge(registry, 'alert_firing', async (alerts) => {
      alerts.reset();
      const state = await this.state();
      if (state)
        for (const name of ALERT_NAMES) alerts.set({ alert: name }, Number(state.firing.includes(name)));
    });
  }

  private addOutgoing(registry: Registry): void {
    gauge(registry, 'connector_paused', async (paused) => {
      paused.reset();
      for (const connector of Object.keys((await this.state())?.connectorFaults ?? {}))
        paused.set({ connector }, 1);
    });
    gauge(registry, 'connector_behind_seconds', async (behind) => {
      behind.reset();
      for (const [connector, seconds] of entries((await this.state())?.deliveriesBehindSeconds))
        behind.set({ connector }, seconds);
    });
    gauge(registry, 'connector_undelivered', async (undelivered) => {
      undelivered.reset();
      const state = await this.state();
      for (const [connector, count] of entries(state?.rejectedDeliveries))
        undelivered.set({ connector, status: 'rejected' }, count);
      for (const [connector, count] of entries(state?.heldDeliveries))
        undelivered.set({ connector, status: 'held' }, count);
    });
    gauge(registry, 'automation_runs', async (runs) => {
      runs.reset();
      const state = await this.state();
      if (state) for (const name of RUN_STATES) runs.set({ state: name }, state.automationRuns[name] ?? 0);
    });
  }

  private state(): Promise<ServiceState | null> {
    const now = performance.now();
    if (!this.read || now - this.read.at > FRESH_MS) this.read = { state: this.ask(), at: now };
    return this.read.state;
  }

  private async ask(): Promise<ServiceState | null> {
    try {
      return (await Promise.race([this.reader.read(), timeout()])) || null;
    } catch (error) {
      this.logger.warn({ event: 'state not read for the metrics', error });
      return null;
    }
  }
}

function entries<T>(record: Record<string, T> = {}): [string, T][] {
  return Object.entries(record);
}

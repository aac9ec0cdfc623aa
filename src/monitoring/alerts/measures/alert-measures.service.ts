import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { AlertName } from '../../../platform/config/alert-thresholds.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { type ServiceState, ServiceStateReader } from '../../service-state-reader.service.js';
import { WatchdogFindings } from '../../watchdog-findings.service.js';
import { amount, type Measurement, share, type SignalSums, whether } from './measurement.js';

export type Measurements = Partial<Record<AlertName, Measurement>>;

/** The checks of the watchdog that are alerts. */
const ALERT_OF_CHECK: Record<string, AlertName> = {
  endpoint: 'endpoint_disabled',
  newest_event: 'event_missing',
  silence: 'silence',
  secret_in_use: 'old_secret_in_use',
};
/** nodemailer's codes, and the replies of servers, for wrong or missing credentials. */
const NOT_LET_IN = /^(EAUTH|ENOAUTH|EOAUTH2|53[0458])/;

/** Measures what alerts are about. What cannot be told is left out: the alert stays as it is. */
@Injectable()
export class AlertMeasures {
  constructor(
    private readonly config: AppConfig,
    private readonly state: ServiceStateReader,
    private readonly findings: WatchdogFindings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async read(): Promise<Measurements> {
    return {
      ...(await this.ofSignals()),
      ...ofState(await this.state.read()),
      ...(await this.ofWatchdog()),
      disk_full: await this.ofDisk(),
    };
  }

  private async ofSignals(): Promise<Measurements> {
    const hour = await this.sumOver(60);
    const { events, events_fast: fast, signature_failures: failures } = await this.sumOver(10);
    const { unavailable } = await this.sumOver(5);
    return {
      high_error_rate: share(
        hour.creations_failed,
        hour.creations,
        'new customers of the last hour came to nothing',
      ),
      notification_failures: share(
        hour.notifications_failed,
        hour.notifications_ended,
        'notifications of the last hour failed',
      ),
      processing_timeouts: share(events - fast, events, 'events of the last 10 minutes took more than 2.5 s'),
      signature_failures: amount(failures, 'signatures were refused in the last 10 minutes'),
      database_connections: amount(unavailable, 'deliveries were answered 503 in the last 5 minutes'),
    };
  }

  private async sumOver(minutes: number): Promise<SignalSums> {
    const [row] = await this.dataSource.query<[{ sums: Partial<SignalSums> | null }]>(SUMS, [minutes]);
    return { ...NO_SIGNALS, ...row.sums };
  }

  private async ofWatchdog(): Promise<Measurements> {
    const known = (await this.findings.list()).filter(({ state }) => state !== 'unknown');
    return Object.fromEntries(
      known.map(({ name, state, detail }) => [
        ALERT_OF_CHECK[name],
        whether(state === 'warning' ? detail : null, detail),
      ]),
    );
  }

  private async ofDisk(): Promise<Measurement> {
    const { dataDir } = this.config;
    const { blocks, bavail } = await statfs(dataDir).catch(() => statfs('.'));
    const used = blocks === 0 ? 0 : 1 - bavail / blocks;
    return { value: used, detail: `${Math.round(used * 100)} % of the file system of DATA_DIR are in use` };
  }
}

function ofState(state: ServiceState): Measurements {
  const waiting = Math.max(state.oldestReadySeconds, state.oldestFetchingSeconds);
  const differences = Object.values(state.findings).reduce((sum, count) => sum + count, 0);
  const mailFault = state.channelFaults.email ?? '';
  return {
    oldest_unprocessed: amount(waiting, 'seconds is what has waited longest'),
    dead_jobs: amount(state.jobs.failed ?? 0, 'jobs have been given up'),
    smtp_auth: whether(NOT_LET_IN.test(mailFault) ? mailFault : null, 'The mail server lets us in'),
    channel_down: amount(
      state.channelDownSeconds,
      'seconds ago a channel had its first fault since it was well',
    ),
    drift_found: amount(differences, 'differences in the newest comparison with Stripe'),
  };
}

const NO_SIGNALS: SignalSums = {
  creations: 0,
  creations_failed: 0,
  notifications_ended: 0,
  notifications_failed: 0,
  events: 0,
  events_fast: 0,
  unavailable: 0,
  signature_failures: 0,
};

const SUMS = `
  select jsonb_object_agg(name, count) as sums
  from (
    select name, sum(count) as count from signal_counts
    where minute > now() - $1 * interval '1 minute' group by name
  ) as counts`;

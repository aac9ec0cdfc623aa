import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceStateReader } from '../../state/service-state-reader.service.js';
import { WatchdogFindings } from '../../watchdog-findings.service.js';
import type { AlertInputs } from '../declarations/alert-declaration.js';
import { ALERT_NAMES, type AlertName, ALERTS } from '../declarations/alert-declarations.js';
import type { Measurement, SignalSums } from '../declarations/measurement.js';
import { DiskMeasure } from './disk-measure.service.js';

export type Measurements = Partial<Record<AlertName, Measurement>>;

/** Measures the values of the alerts. Unknown values are left out, and their alerts keep their state. */
@Injectable()
export class AlertMeasures {
  constructor(
    private readonly state: ServiceStateReader,
    private readonly findings: WatchdogFindings,
    private readonly disk: DiskMeasure,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async read(): Promise<Measurements> {
    const inputs = await this.inputs();
    return Object.fromEntries(ALERT_NAMES.map((name) => [name, ALERTS[name].measure(inputs)]));
  }

  private async inputs(): Promise<AlertInputs> {
    const known = (await this.findings.list()).filter(({ state }) => state !== 'unknown');
    return {
      signals: { 60: await this.sumOver(60), 10: await this.sumOver(10), 5: await this.sumOver(5) },
      state: await this.state.read(),
      watchdog: Object.fromEntries(known.map((finding) => [finding.name, finding])),
      disk: await this.disk.read(),
    };
  }

  private async sumOver(minutes: number): Promise<SignalSums> {
    const [row] = await this.dataSource.query<[{ sums: Partial<SignalSums> | null }]>(SUMS, [minutes]);
    return { ...NO_SIGNALS, ...row.sums };
  }
}

const NO_SIGNALS: SignalSums = {
  creations: 0,
  creations_failed: 0,
  creations_mended: 0,
  notifications_ended: 0,
  notifications_failed: 0,
  notifications_mended: 0,
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

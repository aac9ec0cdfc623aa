import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { type Sample, SIGNAL_NAMES, SIGNALS, type SignalName } from './signals.js';

const EVERY_MS = 10_000;

/**
 * Adds the counts of this process to the shared counts. Counts from a database outage are kept and added to
 * the minute in which the database is available again.
 */
@Injectable()
export class SignalRecorder {
  private readonly logger = new Logger('alerts');
  private recorded: Readonly<Partial<Record<SignalName, number>>> = {};
  private recording: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly registry: Registry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Called once the application is up. */
  start(): void {
    this.timer = setInterval(() => void this.recordSafely(), EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    await this.recordSafely();
  }

  /** Runs one write after the other, so that no count is written twice. */
  record(): Promise<void> {
    this.recording = this.recording.catch(() => undefined).then(() => this.recordNow());
    return this.recording;
  }

  private async recordSafely(): Promise<void> {
    await this.record().catch((error) => this.logger.warn({ event: 'signals not recorded', error }));
  }

  private async recordNow(): Promise<void> {
    const counted = await this.count();
    const added = SIGNAL_NAMES.map(
      (name) => [name, (counted[name] ?? 0) - (this.recorded[name] ?? 0)] as const,
    );
    const grown = added.filter(([, count]) => count > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (grown.length === 0) return;
    await this.dataSource.query(ADD, [grown.map(([name]) => name), grown.map(([, count]) => count)]);
    this.recorded = counted;
  }

  private async count(): Promise<Partial<Record<SignalName, number>>> {
    const counts: Partial<Record<SignalName, number>> = {};
    for (const name of SIGNAL_NAMES) {
      const { metric, weight } = SIGNALS[name];
      const samples = ((await this.registry.getSingleMetric(metric)?.get())?.values ?? []) as Sample[];
      counts[name] = samples.reduce((sum, sample) => sum + sample.value * weight(sample), 0);
    }
    return counts;
  }
}

/** Locks rows in the order of the names, so that two processes cannot deadlock. */
const ADD = `
  insert into signal_counts as s (name, minute, count)
  select name, date_trunc('minute', now()), count from unnest($1::text[], $2::bigint[]) as added (name, count)
  on conflict (name, minute) do update set count = s.count + excluded.count`;

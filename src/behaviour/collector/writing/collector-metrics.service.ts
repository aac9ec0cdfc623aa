import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { counter, gauge } from '../../../platform/metrics/metrics.js';
import { CALLS, type CollectedEvent } from '../reading/collected-event.js';
import type { RefusalCode } from '../reading/event-refusal.js';

/** Counts events that were stored, repeated and refused, and those that wait for an identity. */
@Injectable()
export class CollectorMetrics {
  private readonly logger = new Logger('metrics');
  private readonly stored;
  private readonly duplicates;
  private readonly refused;

  constructor(
    registry: Registry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    this.stored = counter(registry, 'behaviour_events_total');
    this.duplicates = counter(registry, 'behaviour_events_duplicate_total');
    this.refused = counter(registry, 'behaviour_events_refused_total');
    gauge(registry, 'behaviour_events_waiting', async (waiting) => waiting.set(await this.countWaiting()));
    for (const type of CALLS) this.stored.inc({ type }, 0);
  }

  /** @param given how many events were to be stored */
  recordStored(given: number, stored: readonly CollectedEvent[]): void {
    for (const { type } of stored) this.stored.inc({ type });
    this.duplicates.inc(given - stored.length);
  }

  recordRefused(code: RefusalCode): void {
    this.refused.inc({ code });
  }

  /** Not a number while the database is not available. */
  private async countWaiting(): Promise<number> {
    try {
      const [{ count }] = await this.dataSource.query<[{ count: number }]>(WAITING);
      return count;
    } catch (error) {
      this.logger.warn({ event: 'waiting events not counted for the metrics', error });
      return Number.NaN;
    }
  }
}

const WAITING = `
  select count(*)::int as count
  from (select from behaviour_events where person_id is null and anonymous_id > '' limit 10000) as waiting`;

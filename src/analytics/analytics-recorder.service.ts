import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type AnalyticsFact, AnalyticsRecorded } from '../events/behaviour/analytics-recorded.event.js';
import { Facts } from '../platform/facts/facts.service.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/unit-of-work/unit-of-work-writer.service.js';
import { AnalyticsSettings } from './analytics.settings.js';

/** A row of `analytics_events`. */
export interface AnalyticsRow {
  id: string;
  name: string;
  stripe_event_id: string;
  customer_id: string;
  user_id: string;
  source: string;
  properties: Record<string, unknown>;
  occurred_at: string;
  recorded_at: Date;
}

/** Records events, counts them by day and source, and hands them to the provider. What is repeated counts once. */
@Injectable()
export class AnalyticsRecorder {
  constructor(
    private readonly settings: AnalyticsSettings,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  async record(manager: EntityManager, events: readonly AnalyticsRow[]): Promise<void> {
    const recorded: { id: string }[] = await manager.query(RECORD_AND_COUNT, [JSON.stringify(events)]);
    if (recorded.length === 0) return;
    const ids = new Set(recorded.map(({ id }) => id));
    const unit = new UnitOfWork();
    const fresh = events.filter(({ id }) => ids.has(id));
    this.facts.emit(new AnalyticsRecorded(fresh.map(toFact)), unit);
    if (this.settings.url) for (const id of ids) unit.enqueue('forward-analytics', { analyticsEventId: id });
    await this.writer.write(manager, [unit]);
  }
}

function toFact(row: AnalyticsRow): AnalyticsFact {
  return {
    customerId: row.customer_id,
    userId: row.user_id,
    name: row.name,
    stripeEventId: row.stripe_event_id,
    properties: { ...row.properties, source: row.source },
    occurredAt: new Date(row.occurred_at).toISOString(),
  };
}

/** Days are counted in the order of their key, so that two jobs cannot deadlock. */
const RECORD_AND_COUNT = `
  with recorded as (
    insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties,
      occurred_at, recorded_at)
    select id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at, recorded_at
    from json_populate_recordset(null::analytics_events, $1::json)
    on conflict do nothing
    returning id, name, source, (occurred_at at time zone 'UTC')::date as day
  ), counted as (
    insert into analytics_daily_rollups (day, name, source, count)
    select day, name, source, count(*) from recorded group by 1, 2, 3 order by 1, 2, 3
    on conflict (day, name, source) do update set count = analytics_daily_rollups.count + excluded.count
  )
  select id from recorded`;

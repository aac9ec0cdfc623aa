import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { uuidv7 } from '../platform/database/uuid.js';
import type { JobPayloads } from '../events/job-tasks.js';
import { AppConfig } from '../platform/config/app-config.js';
import { inTransaction } from '../platform/database/transaction.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/unit-of-work/unit-of-work-writer.service.js';
import { JobHandler, type JobRun } from '../platform/jobs/job-handler.js';

/** Records customer creations and counts them by day and source: once each, however often it runs. */
@Injectable()
@JobHandler('track-customer-created')
export class TrackCustomerCreatedJob implements JobRun<'track-customer-created'> {
  constructor(
    private readonly config: AppConfig,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['track-customer-created'][]): Promise<void> {
    const events = payloads.map(({ customerId, userId, stripeEventId, occurredAt, source, properties }) => ({
      id: uuidv7(),
      name: 'customer_created',
      stripe_event_id: stripeEventId,
      customer_id: customerId,
      user_id: userId,
      source,
      properties,
      occurred_at: occurredAt,
    }));
    await inTransaction(this.dataSource, async (manager) => {
      const recorded: { id: string }[] = await manager.query(RECORD_AND_COUNT, [JSON.stringify(events)]);
      if (!this.config.analytics.url) return;
      const unit = new UnitOfWork();
      for (const { id } of recorded) unit.enqueue('forward-analytics', { analyticsEventId: id });
      await this.writer.write(manager, [unit]);
    });
  }
}

/** Days are counted in the order of their key, so that two jobs cannot deadlock. */
const RECORD_AND_COUNT = `
  with recorded as (
    insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at)
    select id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at
    from json_populate_recordset(null::analytics_events, $1::json)
    on conflict do nothing
    returning id, name, source, (occurred_at at time zone 'UTC')::date as day
  ), counted as (
    insert into analytics_daily_rollups (day, name, source, count)
    select day, name, source, count(*) from recorded group by 1, 2, 3 order by 1, 2, 3
    on conflict (day, name, source) do update set count = analytics_daily_rollups.count + excluded.count
  )
  select id from recorded`;

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { uuidv7 } from '../platform/database/uuid.js';
import type { JobPayloads } from '../events/job-tasks.js';
import { AnalyticsRecorder, type AnalyticsRow } from './analytics-recorder.service.js';
import { inTransaction } from '../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../platform/jobs/job-handler.js';

/** Records customer creations and counts them by day and source. A repeated run counts nothing twice, and an erased customer is left out. */
@Injectable()
@JobHandler('track-customer-created')
export class TrackCustomerCreatedJob implements JobRun<'track-customer-created'> {
  constructor(
    private readonly recorder: AnalyticsRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['track-customer-created'][]): Promise<void> {
    const recordedAt = new Date();
    await inTransaction(this.dataSource, async (manager) => {
      const customerIds = payloads.map(({ customerId }) => customerId);
      const present = await manager.query<{ id: string }[]>(PRESENT_CUSTOMERS, [customerIds]);
      const presentIds = new Set(present.map(({ id }) => id));
      const rows = payloads.filter(({ customerId }) => presentIds.has(customerId));
      await this.recorder.record(
        manager,
        rows.map((payload) => toRow(payload, recordedAt)),
      );
    });
  }
}

function toRow(payload: JobPayloads['track-customer-created'], recordedAt: Date): AnalyticsRow {
  const { customerId, userId, stripeEventId, occurredAt, source, properties } = payload;
  return {
    id: uuidv7(),
    name: 'customer_created',
    stripe_event_id: stripeEventId,
    customer_id: customerId,
    user_id: userId,
    source,
    properties,
    occurred_at: occurredAt,
    recorded_at: recordedAt,
  };
}

/** The lock keeps an erasure waiting until the rows that it must delete are there. */
const PRESENT_CUSTOMERS = `
  select id from customers where id = any($1::uuid[]) and erased_at is null order by id for key share`;

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { uuidv7 } from '../platform/database/uuid.js';
import type { JobPayloads } from '../events/job-tasks.js';
import { AnalyticsRecorder } from './analytics-recorder.service.js';
import { inTransaction } from '../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../platform/jobs/job-handler.js';

/** Records customer creations and counts them by day and source. A repeated run counts nothing twice. */
@Injectable()
@JobHandler('track-customer-created')
export class TrackCustomerCreatedJob implements JobRun<'track-customer-created'> {
  constructor(
    private readonly recorder: AnalyticsRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['track-customer-created'][]): Promise<void> {
    const recordedAt = new Date();
    const events = payloads.map(({ customerId, userId, stripeEventId, occurredAt, source, properties }) => ({
      id: uuidv7(),
      name: 'customer_created',
      stripe_event_id: stripeEventId,
      customer_id: customerId,
      user_id: userId,
      source,
      properties,
      occurred_at: occurredAt,
      recorded_at: recordedAt,
    }));
    await inTransaction(this.dataSource, (manager) => this.recorder.record(manager, events));
  }
}

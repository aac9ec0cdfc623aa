import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { JobPayloads } from '../events/job-tasks.js';
import { inTransaction } from '../platform/database/transaction.js';
import { uuidv7 } from '../platform/database/uuid.js';
import { JobHandler, type JobRun } from '../platform/jobs/job-handler.js';
import { AnalyticsRecorder } from './analytics-recorder.service.js';

interface TrackedCustomer {
  customerId: string;
  userId: string;
  source: string;
}

/**
 * Records payments, movements of the revenue and changes of stage, under the source that the creation of the customer was
 * tracked with. Customers without a user are not tracked.
 */
@Injectable()
@JobHandler('track-billing')
export class TrackBillingJob implements JobRun<'track-billing'> {
  constructor(
    private readonly recorder: AnalyticsRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['track-billing'][]): Promise<void> {
    const recordedAt = new Date();
    await inTransaction(this.dataSource, async (manager) => {
      const customerIds = payloads.map(({ customerId }) => customerId);
      const customers = await manager.query<TrackedCustomer[]>(CUSTOMERS, [customerIds]);
      const byId = new Map(customers.map((customer) => [customer.customerId, customer]));
      const rows = payloads.flatMap(({ customerId, stripeEventId, events }) => {
        const customer = byId.get(customerId);
        if (!customer) return [];
        return events.map(({ name, occurredAt, properties }) => ({
          id: uuidv7(),
          name,
          stripe_event_id: stripeEventId,
          customer_id: customerId,
          user_id: customer.userId,
          source: customer.source,
          properties,
          occurred_at: occurredAt,
          recorded_at: recordedAt,
        }));
      });
      await this.recorder.record(manager, rows);
    });
  }
}

/** The lock keeps an erasure waiting until the rows that it must delete are there. */
const CUSTOMERS = `
  select c.id as "customerId", user_id as "userId", coalesce((
    select source from analytics_events a
    where a.customer_id = c.id and a.name = 'customer_created' limit 1
  ), 'unknown') as source
  from customers c
  where c.id = any($1::uuid[]) and user_id is not null
  order by c.id
  for key share of c`;

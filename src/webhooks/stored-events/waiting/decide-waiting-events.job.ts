import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { type OfCustomer, WaitingEvents } from './waiting-events.service.js';

/**
 * Decides about events without a user after another event set up their customer. The two may have been
 * decided at the same moment, when neither transaction saw the other.
 */
@Injectable()
@JobHandler('decide-waiting-events')
export class DecideWaitingEventsJob implements JobRun<'decide-waiting-events'> {
  constructor(
    private readonly waiting: WaitingEvents,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['decide-waiting-events'][]): Promise<void> {
    const ids = payloads.map(({ stripeEventId }) => stripeEventId);
    const customers: OfCustomer[] = await this.dataSource.query(STORED_CUSTOMERS, [ids]);
    for (const customer of customers) {
      const decided = await this.waiting.decideAbout(customer);
      if (decided.some(({ errorCode }) => errorCode === 'internal_error'))
        throw new Error(`Not all events that waited with ${customer.stripeCustomerId} could be decided`);
    }
  }
}

/** The stored customers of events. */
const STORED_CUSTOMERS = `
  select distinct e.stripe_customer_id as "stripeCustomerId", e.livemode
  from webhook_events e
  join customers c on c.stripe_customer_id = e.stripe_customer_id and c.livemode = (e.livemode is true)
  where e.stripe_event_id = any($1::text[])`;

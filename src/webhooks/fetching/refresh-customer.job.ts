import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import { WebhookProcessor } from '../webhook-processor.service.js';
import { StripeCustomers } from './stripe-customers.service.js';

/** Brings a customer to the state that Stripe has now, where its events do not tell. */
@Injectable()
@JobHandler('refresh-customer')
export class RefreshCustomerJob implements JobRun<'refresh-customer'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly processor: WebhookProcessor,
    private readonly customers: StripeCustomers,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
  ) {}

  async run(payloads: readonly JobPayloads['refresh-customer'][]): Promise<void> {
    const ids = payloads.map(({ stripeEventId }) => stripeEventId);
    for (const row of await this.events.findBy({ stripeEventId: In(ids) })) await this.refresh(row);
  }

  private async refresh(row: WebhookEvent): Promise<void> {
    const received = await this.customers.fetchFor(row);
    if (!received) return;
    await this.processor.refresh(received);
    this.logger.log({ event: 'customer refreshed', stripeEventId: row.stripeEventId });
  }
}

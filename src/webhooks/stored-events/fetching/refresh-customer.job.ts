import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { Redecision } from '../../inbox/redecision.service.js';
import { StripeObjects } from './stripe-objects.service.js';

/** Updates the object of an event to its present state in Stripe, if events do not show which state is the newest. */
@Injectable()
@JobHandler('refresh-customer')
export class RefreshCustomerJob implements JobRun<'refresh-customer'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly redecision: Redecision,
    private readonly objects: StripeObjects,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
  ) {}

  async run(payloads: readonly JobPayloads['refresh-customer'][]): Promise<void> {
    const ids = payloads.map(({ stripeEventId }) => stripeEventId);
    for (const row of await this.events.findBy({ stripeEventId: In(ids) })) await this.refresh(row);
  }

  private async refresh(row: WebhookEvent): Promise<void> {
    const received = await this.objects.fetchFor(row);
    if (!received) return;
    await this.redecision.refresh(received);
    this.logger.log({ event: 'object refreshed', stripeEventId: row.stripeEventId });
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { WebhookMetrics } from '../intake/webhook-metrics.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import { WebhookProcessor } from '../webhook-processor.service.js';
import { StripeCustomers } from './stripe-customers.service.js';

/**
 * Fetches the object of a thin event and decides about the event anew. Whatever keeps Stripe from answering
 * fails the job, which is then run again later.
 */
@Injectable()
@JobHandler('fetch-stripe-object')
export class FetchStripeObjectJob implements JobRun<'fetch-stripe-object'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly processor: WebhookProcessor,
    private readonly customers: StripeCustomers,
    private readonly metrics: WebhookMetrics,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
  ) {}

  async run(payloads: readonly JobPayloads['fetch-stripe-object'][]): Promise<void> {
    const ids = payloads.map(({ stripeEventId }) => stripeEventId);
    const rows = await this.events.findBy({ stripeEventId: In(ids), outcome: 'fetching' });
    for (const row of rows) await this.fetchAndDecide(row);
  }

  private async fetchAndDecide(row: WebhookEvent): Promise<void> {
    const received = await this.customers.fetchFor(row);
    if (!received) return;
    const [result] = await this.processor.process([received]);
    if (!result?.committed) throw new Error('Fetched event not decided', { cause: result?.error });
    const { stripeEventId, type } = row;
    const { outcome, code } = result;
    this.metrics.recordEvent(type, outcome, code);
    this.logger.log({ event: 'fetched event decided', stripeEventId, type, outcome });
  }
}

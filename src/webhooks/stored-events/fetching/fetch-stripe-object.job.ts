import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { WebhookMetrics } from '../../inbox/webhook-metrics.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { WebhookProcessor } from '../../inbox/webhook-processor.service.js';
import { StripeObjects } from './stripe-objects.service.js';

/**
 * Fetches the object of a thin event and decides about the event again. If Stripe does not answer, the job
 * fails and is retried later.
 */
@Injectable()
@JobHandler('fetch-stripe-object')
export class FetchStripeObjectJob implements JobRun<'fetch-stripe-object'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly processor: WebhookProcessor,
    private readonly objects: StripeObjects,
    private readonly metrics: WebhookMetrics,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
  ) {}

  async run(payloads: readonly JobPayloads['fetch-stripe-object'][]): Promise<void> {
    const ids = payloads.map(({ stripeEventId }) => stripeEventId);
    const rows = await this.events.findBy({ stripeEventId: In(ids), outcome: 'fetching' });
    for (const row of rows) await this.fetchAndDecide(row);
  }

  private async fetchAndDecide(row: WebhookEvent): Promise<void> {
    const received = await this.objects.fetchFor(row);
    if (!received) return;
    const [result] = await this.processor.process([received]);
    if (!result?.committed) throw new Error('Fetched event not decided', { cause: result?.error });
    const { stripeEventId, type } = row;
    const { outcome, code } = result;
    this.metrics.recordEvent(type, outcome, code);
    this.logger.log({ event: 'fetched event decided', stripeEventId, type, outcome });
  }
}

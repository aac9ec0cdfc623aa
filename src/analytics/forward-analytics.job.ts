import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { JobPayloads } from '../events/job-tasks.js';
import { AnalyticsSettings } from './analytics.settings.js';
import { JobHandler, type JobRun } from '../platform/jobs/job-handler.js';
import { AnalyticsEvent } from './analytics-event.entity.js';

const TIMEOUT_MS = 15_000;

/** Posts recorded events to the analytics provider (`ANALYTICS_URL`), as `{ "events": […] }`. */
@Injectable()
@JobHandler('forward-analytics')
export class ForwardAnalyticsJob implements JobRun<'forward-analytics'> {
  constructor(
    private readonly settings: AnalyticsSettings,
    @InjectRepository(AnalyticsEvent) private readonly events: Repository<AnalyticsEvent>,
  ) {}

  /** @throws when the provider does not answer 2xx; the job is retried with the same event ids */
  async run(payloads: readonly JobPayloads['forward-analytics'][]): Promise<void> {
    const { url, apiKey } = this.settings;
    if (!url) return;
    const events = await this.events.findBy({
      id: In(payloads.map(({ analyticsEventId }) => analyticsEventId)),
    });
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ events }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`The analytics provider answered ${response.status}`);
  }
}

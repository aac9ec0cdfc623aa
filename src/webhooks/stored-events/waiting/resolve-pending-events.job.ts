import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, MoreThan, Repository } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { withConnection } from '../../../platform/database/pg-client.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import { JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { toReceivedEvent } from '../../inbox/inbox-row.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { nextRetryAt } from '../../inbox/pending-schedule.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { WebhookMetrics } from '../../inbox/webhook-metrics.js';
import type { Committed } from '../../inbox/event-result.js';
import { WebhookProcessor } from '../../inbox/webhook-processor.service.js';

const EVENTS_PER_PAGE = 256;

/** Decides again about events that wait for a user, and schedules the next attempt while the user is missing. */
@Injectable()
@JobHandler('resolve-pending-events')
export class ResolvePendingEventsJob implements JobRun<'resolve-pending-events'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly processor: WebhookProcessor,
    private readonly writer: UnitOfWorkWriter,
    private readonly metrics: WebhookMetrics,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['resolve-pending-events'][]): Promise<void> {
    const userIds = [...new Set(payloads.map(({ userId }) => userId))];
    const waiting: WebhookEvent[] = [];
    let page = await this.findPending(userIds);
    while (page.length > 0) {
      waiting.push(...(await this.decide(page)));
      page = await this.findPending(userIds, page.at(-1)?.id);
    }
    await this.scheduleNext(waiting);
  }

  private findPending(userIds: string[], after?: string): Promise<WebhookEvent[]> {
    return this.events.find({
      where: {
        mingusUserId: In(userIds),
        outcome: 'pending_user',
        ...(after ? { id: MoreThan(after) } : {}),
      },
      order: { id: 'ASC' },
      take: EVENTS_PER_PAGE,
    });
  }

  /** @returns the events that still wait */
  private async decide(rows: readonly WebhookEvent[]): Promise<WebhookEvent[]> {
    const results = await this.processor.process(rows.map((row) => toReceivedEvent(row) as ReceivedEvent));
    const waiting: WebhookEvent[] = [];
    for (const [index, row] of rows.entries()) {
      const result = results[index];
      if (!result?.committed) throw new Error('Pending events not decided', { cause: result?.error });
      if (result.outcome === 'pending_user') waiting.push(row);
      else this.report(row, result);
    }
    return waiting;
  }

  private report({ stripeEventId, type }: WebhookEvent, { outcome }: Committed): void {
    this.metrics.recordRedecision(type, outcome);
    this.logger.log({ event: 'pending event decided', stripeEventId, type, outcome });
  }

  private async scheduleNext(waiting: readonly WebhookEvent[]): Promise<void> {
    const unit = new UnitOfWork();
    const scheduled = new Set<string>();
    for (const { stripeEventId, mingusUserId, receivedAt } of waiting.toReversed()) {
      const userId = mingusUserId as string;
      const runAt = nextRetryAt(receivedAt, new Date());
      if (!runAt) this.logger.warn({ event: 'user did not arrive in three days', stripeEventId });
      else if (!scheduled.has(userId)) {
        scheduled.add(userId);
        unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
      }
    }
    if (scheduled.size > 0)
      await withConnection(this.dataSource, (manager) => this.writer.commit(manager, [unit]));
  }
}

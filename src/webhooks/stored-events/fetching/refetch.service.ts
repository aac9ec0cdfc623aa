import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../../events/operator-acted.event.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import { fetchObject } from '../../inbox/follow-up-jobs.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { Facts } from '../../../platform/facts/facts.service.js';

/** Fetches the objects of thin events again when an operator requests it. */
@Injectable()
export class Refetch {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  /**
   * Enqueues the fetch job of one event, or of all events that are `fetching`.
   * @returns the ids of these events
   */
  async enqueue(stripeEventId?: string): Promise<string[]> {
    return inTransaction(this.dataSource, async (manager) => {
      const where = { outcome: 'fetching' as const, ...(stripeEventId ? { stripeEventId } : {}) };
      const events = await manager.find(WebhookEvent, { select: { id: true, stripeEventId: true }, where });
      const unit = new UnitOfWork();
      for (const { stripeEventId: id } of events) {
        fetchObject({ stripeEventId: id }, unit);
        const object = { type: 'webhook_event', id };
        await this.facts.record(manager, new OperatorActed('webhook_event.refetched', object, {}));
      }
      await this.writer.write(manager, [unit]);
      return events.map(({ stripeEventId: id }) => id);
    });
  }
}

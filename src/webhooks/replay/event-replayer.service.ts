import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { WebhookEventReplayed } from '../../events/webhooks/webhook-event-replayed.event.js';
import { databaseFaultOf } from '../../platform/database/database-fault.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Refusal } from '../decision/event-outcome.js';
import { toReceivedEvent } from '../inbox-row.js';
import { WebhookMetrics } from '../intake/webhook-metrics.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import { UNPROCESSABLE } from '../webhook-processor.service.js';
import type { EventReplayDto } from './event-replay.dto.js';
import { effectOf } from './effect.js';
import { ReplayPlanner } from './replay-planner.service.js';

/** How to replay an event. */
export interface ReplayOptions {
  /** Tell what would change, and change nothing. */
  dryRun: boolean;
  /** The replay of many events that it belongs to. */
  replayId?: string;
}

/** Gives stored events another go: decides them anew, or repairs what is missing of their customer. */
@Injectable()
export class EventReplayer {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly planner: ReplayPlanner,
    private readonly writer: UnitOfWorkWriter,
    private readonly emitter: EventEmitter2,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError webhook_event_not_found, body_not_kept */
  replay(stripeEventId: string, options: ReplayOptions): Promise<EventReplayDto> {
    return this.replayWithin(stripeEventId, options, (_manager, replay) => replay());
  }

  /**
   * Runs `work` in a transaction, in which it may replay the event; it runs again after a conflict, and when
   * PostgreSQL refuses what the event holds.
   */
  async replayWithin<T>(
    stripeEventId: string,
    options: ReplayOptions,
    work: (manager: EntityManager, replay: () => Promise<EventReplayDto>) => Promise<T>,
  ): Promise<T> {
    let replayed: { type: string; result: EventReplayDto } | undefined;
    const attempt = (refusal?: Refusal) =>
      inTransaction(this.dataSource, (manager) => {
        replayed = undefined;
        return work(manager, async () => {
          replayed = await this.replayIn(manager, stripeEventId, options, refusal);
          return replayed.result;
        });
      });
    const done = await attempt().catch((error: unknown) => {
      if (databaseFaultOf(error) !== 'data') throw error;
      this.logger.error({ event: 'event unprocessable', stripeEventId, error });
      return attempt(UNPROCESSABLE);
    });
    if (replayed) this.report(replayed.type, replayed.result);
    return done;
  }

  /** Replays of one event follow each other: its row is locked. */
  private async replayIn(
    manager: EntityManager,
    stripeEventId: string,
    { dryRun, replayId }: ReplayOptions,
    refusal?: Refusal,
  ): Promise<{ type: string; result: EventReplayDto }> {
    const row = await manager.findOne(WebhookEvent, {
      where: { stripeEventId },
      ...(dryRun ? {} : { lock: { mode: 'pessimistic_write' } }),
    });
    if (!row) throw new DomainError('webhook_event_not_found', `No webhook event ${stripeEventId}`);
    const received = toReceivedEvent(row);
    if (!received) throw new DomainError('body_not_kept', `The body of ${stripeEventId} is not kept`);
    const { unit, customerId, suppressedNotifications, ...outcomes } = await this.planner.plan(
      manager,
      received,
      refusal,
    );
    const effect = effectOf(unit, manager.connection);
    if (!dryRun) {
      const { outcomeBefore, outcome } = outcomes;
      const fact = new WebhookEventReplayed(
        stripeEventId,
        customerId,
        { outcomeBefore, outcome, ...effect },
        replayId ?? null,
      );
      await this.emitter.emitAsync(fact.eventName, fact, unit);
      await this.writer.write(manager, [unit]);
    }
    const result = {
      stripeEventId,
      dryRun,
      ...outcomes,
      ...effect,
      suppressedNotifications: [...suppressedNotifications],
    };
    return { type: row.type, result };
  }

  private report(type: string, { stripeEventId, dryRun, outcomeBefore, outcome }: EventReplayDto): void {
    if (dryRun) return;
    if (outcome !== outcomeBefore) this.metrics.recordEvent(type, outcome);
    this.logger.log({ event: 'event replayed', stripeEventId, type, outcomeBefore, outcome });
  }
}

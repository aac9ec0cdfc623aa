import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { WebhookEventReplayed } from '../../../events/webhooks/webhook-event-replayed.event.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { isolateRefused } from '../../inbox/isolate-refused.js';
import { type Redecided, Redecision } from '../../inbox/redecision.service.js';
import { WebhookMetrics } from '../../inbox/webhook-metrics.js';
import type { Refusal } from '../../stripe/event-outcome.js';
import type { EventReplayDto } from './event-replay.dto.js';
import { ReplayPlanner } from './replay-planner.service.js';

/** How to replay an event. */
export interface ReplayOptions {
  /** Reports what would change, and changes nothing. */
  dryRun: boolean;
  /** The replay of many events that this event is part of. */
  replayId?: string;
}

/** Replays stored events: decides about them again, or adds the missing rows of their customer. */
@Injectable()
export class EventReplayer {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly planner: ReplayPlanner,
    private readonly redecision: Redecision,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError webhook_event_not_found, body_not_kept */
  replay(stripeEventId: string, options: ReplayOptions): Promise<EventReplayDto> {
    return this.replayWithin(stripeEventId, options, (_manager, replay) => replay());
  }

  /**
   * Runs `work`, which may replay the event, in a transaction. It runs again after a conflict, and after
   * PostgreSQL refused the data of the event.
   */
  async replayWithin<T>(
    stripeEventId: string,
    options: ReplayOptions,
    work: (manager: EntityManager, replay: () => Promise<EventReplayDto>) => Promise<T>,
  ): Promise<T> {
    let done: { value: T; replayed?: Redecided } | undefined;
    await isolateRefused([{ received: { stripeEventId } }], async (_events, refusal) => {
      done = await inTransaction(this.dataSource, async (manager) => {
        let replayed: Redecided | undefined;
        const value = await work(manager, async () => {
          replayed = await this.replayIn(manager, stripeEventId, options, refusal);
          return toDto(replayed, options);
        });
        return { value, replayed };
      });
    });
    const { value, replayed } = done as { value: T; replayed?: Redecided };
    if (replayed && !options.dryRun) this.report(replayed);
    return value;
  }

  private replayIn(
    manager: EntityManager,
    stripeEventId: string,
    { dryRun, replayId }: ReplayOptions,
    refusal?: Refusal,
  ): Promise<Redecided> {
    return this.redecision.redecide(manager, {
      stripeEventId,
      dryRun,
      plan: (stored) => this.planner.plan(manager, stored, refusal),
      toFact: ({ plan: { customerId, outcomeBefore, outcome }, effect }) =>
        new WebhookEventReplayed(
          stripeEventId,
          customerId,
          { outcomeBefore, outcome, ...effect },
          replayId ?? null,
        ),
    });
  }

  private report({ row: { stripeEventId, type }, plan: { outcomeBefore, outcome } }: Redecided): void {
    if (outcome !== outcomeBefore) this.metrics.recordRedecision(type, outcome);
    this.logger.log({ event: 'event replayed', stripeEventId, type, outcomeBefore, outcome });
  }
}

function toDto({ row, plan, effect }: Redecided, { dryRun }: ReplayOptions): EventReplayDto {
  const { outcomeBefore, outcome, errorCode, suppressedNotifications } = plan;
  return {
    stripeEventId: row.stripeEventId,
    dryRun,
    outcomeBefore,
    outcome,
    errorCode,
    ...effect,
    suppressedNotifications: [...suppressedNotifications],
  };
}

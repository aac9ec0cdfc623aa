import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import { WebhookEventReplayRequested } from '../../../events/webhooks/webhook-event-replay-requested.event.js';
import { currentCause } from '../../../platform/cause.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { findPage, type Page, type PageQuery } from '../../../platform/http/page.dto.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { between } from '../search/event-filter.js';
import { EventFinder } from '../search/event-finder.service.js';
import type { StartReplayDto } from './webhook-event-replay.dto.js';
import { WebhookEventReplay } from './webhook-event-replay.entity.js';
import { Facts } from '../../../platform/facts/facts.service.js';

/** Starts, shows and cancels replays of many events. The job `replay-events` runs them. */
@Injectable()
export class WebhookEventReplaysService {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    private readonly finder: EventFinder,
    private readonly facts: Facts,
    @InjectRepository(WebhookEventReplay) private readonly replays: Repository<WebhookEventReplay>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(query: PageQuery): Promise<Page<WebhookEventReplay>> {
    return findPage(this.replays, query, {});
  }

  /** @throws DomainError replay_not_found */
  async get(id: string): Promise<WebhookEventReplay> {
    const replay = await this.replays.findOneBy({ id });
    if (!replay) throw new DomainError('replay_not_found', `No replay ${id}`);
    return replay;
  }

  start({ filter, dryRun }: StartReplayDto): Promise<WebhookEventReplay> {
    return inTransaction(this.dataSource, async (manager) => {
      const id = uuidv7();
      const conditions = await this.finder.conditionsOf(filter, between(null, id));
      const replay: WebhookEventReplay = {
        id,
        filter,
        dryRun,
        status: 'running',
        total: await manager.countBy(WebhookEvent, conditions),
        done: 0,
        changed: 0,
        failed: 0,
        position: null,
        report: {},
        rows: {},
        jobs: {},
        suppressedNotifications: {},
        startedBy: currentCause().caller ?? null,
        createdAt: new Date(),
        finishedAt: null,
      };
      const unit = new UnitOfWork();
      unit.insert(WebhookEventReplay, replay);
      unit.enqueue('replay-events', { replayId: id });
      await this.announce('started', replay, unit);
      await this.writer.write(manager, [unit]);
      return replay;
    });
  }

  /** Stops a replay after its current event. @throws DomainError replay_not_found, replay_ended */
  cancel(id: string): Promise<WebhookEventReplay> {
    return inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const replay = await manager.findOne(WebhookEventReplay, { where: { id }, lock });
      if (!replay) throw new DomainError('replay_not_found', `No replay ${id}`);
      if (replay.status === 'cancelled') return replay;
      if (replay.status !== 'running')
        throw new DomainError('replay_ended', `Replay ${id} has ended already`);
      const cancelled = { status: 'cancelled', finishedAt: new Date() } as const;
      const unit = new UnitOfWork();
      unit.updateOne(WebhookEventReplay, { id }, cancelled);
      await this.announce('cancelled', replay, unit);
      await this.writer.write(manager, [unit]);
      return { ...replay, ...cancelled };
    });
  }

  private async announce(
    act: WebhookEventReplayRequested['act'],
    { id, filter, dryRun, total, done }: WebhookEventReplay,
    unit: UnitOfWork,
  ): Promise<void> {
    const fact = new WebhookEventReplayRequested(id, act, { filter, dryRun, total, done });
    this.facts.emit(fact, unit);
  }
}

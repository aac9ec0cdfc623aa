import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { causedBy, currentCause } from '../../../platform/cause.js';
import { withConnection } from '../../../platform/database/pg-client.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { type JobContext, JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { between } from '../search/event-filter.js';
import { EventFinder } from '../search/event-finder.service.js';
import type { EventReplayDto } from './event-replay.dto.js';
import { EventReplayer } from './event-replayer.service.js';
import { WebhookEventReplay } from './webhook-event-replay.entity.js';

const EVENTS_PER_RUN = 100;
/** From this attempt on, an event that cannot be replayed counts as failed, and the replay continues. */
const PATIENT_ATTEMPTS = 3;
/** A replay without progress in this many attempts (over an hour) has failed. */
const ATTEMPTS_MAX = 9;

/** One step of a replay, from one event to the next. */
interface Step {
  replayId: string;
  from: string | null;
  to: string;
}

/**
 * Replays the events of a filter, one page per run, so that it does not delay a stopping worker. The effect
 * of an event and the progress are committed together: after a kill, the replay continues from its position
 * and counts nothing twice.
 */
@Injectable()
@JobHandler('replay-events')
export class ReplayEventsJob implements JobRun<'replay-events'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly replayer: EventReplayer,
    private readonly writer: UnitOfWorkWriter,
    private readonly finder: EventFinder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['replay-events'][], { attempt }: JobContext): Promise<void> {
    for (const { replayId } of payloads) {
      try {
        await this.replayPage(replayId, attempt);
      } catch (error) {
        if (attempt < ATTEMPTS_MAX) throw error;
        this.logger.error({ event: 'replay given up', replayId, error });
        await this.end(replayId, 'failed');
      }
    }
  }

  private async replayPage(replayId: string, attempt: number): Promise<void> {
    const replay = await this.dataSource.manager.findOneBy(WebhookEventReplay, { id: replayId });
    if (replay?.status !== 'running') return;
    const events = await this.dataSource.manager.find(WebhookEvent, {
      select: { id: true, stripeEventId: true },
      where: await this.finder.conditionsOf(replay.filter, between(replay.position, replayId)),
      order: { id: 'ASC' },
      take: EVENTS_PER_RUN,
    });
    let from = replay.position;
    for (const { id: to, stripeEventId } of events) {
      if (!(await this.replayEvent(replay, stripeEventId, { replayId, from, to }, attempt))) return;
      from = to;
    }
    if (events.length < EVENTS_PER_RUN) await this.end(replayId, 'done');
    else await this.continueLater(replayId);
  }

  /** @returns whether to continue; false if the replay was cancelled, or another worker runs it */
  private async replayEvent(
    { dryRun, startedBy }: WebhookEventReplay,
    stripeEventId: string,
    step: Step,
    attempt: number,
  ): Promise<boolean> {
    const { replayId } = step;
    try {
      return await causedBy({ ...currentCause(), caller: startedBy ?? undefined }, () =>
        this.replayer.replayWithin(stripeEventId, { dryRun, replayId }, (manager, replay) =>
          this.advance(manager, step, replay),
        ),
      );
    } catch (error) {
      if (attempt < PATIENT_ATTEMPTS && !(error instanceof DomainError)) throw error;
      this.logger.error({ event: 'event not replayed', stripeEventId, replayId, error });
      return inTransaction(this.dataSource, (manager) => this.advance(manager, step, async () => null));
    }
  }

  /** Locks the row of the replay. If its position is not `from`, another worker has replayed the event. */
  private async advance(
    manager: EntityManager,
    { replayId, from, to }: Step,
    replayEvent: () => Promise<EventReplayDto | null>,
  ): Promise<boolean> {
    const lock = { mode: 'pessimistic_write' } as const;
    const replay = await manager.findOneOrFail(WebhookEventReplay, { where: { id: replayId }, lock });
    if (replay.status !== 'running' || replay.position !== from) return false;
    const result = await replayEvent();
    await manager.update(WebhookEventReplay, replayId, { position: to, ...progressOf(replay, result) });
    return true;
  }

  private async continueLater(replayId: string): Promise<void> {
    const unit = new UnitOfWork();
    unit.enqueue('replay-events', { replayId });
    await withConnection(this.dataSource, (manager) => this.writer.commit(manager, [unit]));
  }

  private async end(id: string, status: 'done' | 'failed'): Promise<void> {
    const finishedAt = new Date();
    await this.dataSource.manager.update(
      WebhookEventReplay,
      { id, status: 'running' },
      { status, finishedAt },
    );
  }
}

/**
 * The counts after one more event.
 * @param result null if the event could not be replayed
 */
function progressOf(replay: WebhookEventReplay, result: EventReplayDto | null): Partial<WebhookEventReplay> {
  const done = replay.done + 1;
  if (!result) return { done, failed: replay.failed + 1 };
  const { outcomeBefore, outcome, rows, jobs, suppressedNotifications } = result;
  const isChanged = Object.keys(rows).length + Object.keys(jobs).length > 0;
  return {
    done,
    changed: replay.changed + (isChanged ? 1 : 0),
    report: {
      ...replay.report,
      [outcomeBefore]: sumOf(replay.report[outcomeBefore] ?? {}, { [outcome]: 1 }),
    },
    rows: sumOf(replay.rows, rows),
    jobs: sumOf(replay.jobs, jobs),
    suppressedNotifications: suppressedNotifications.reduce(
      (counts, kind) => sumOf(counts, { [kind]: 1 }),
      replay.suppressedNotifications,
    ),
  };
}

/** The sums of two sets of counts, by key. */
function sumOf(some: Record<string, number>, more: Record<string, number>): Record<string, number> {
  const added = Object.entries(more).map(([key, count]) => [key, (some[key] ?? 0) + count] as const);
  return { ...some, ...Object.fromEntries(added) };
}

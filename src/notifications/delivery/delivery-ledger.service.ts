import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
import { NotificationGivenUp } from '../../events/notification-facts.event.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { withConnection } from '../../platform/database/pg-client.js';
import { againAfterConflict, inTransaction } from '../../platform/database/transaction.js';
import { spread } from '../../platform/delivery/delivery-schedule.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { counter, histogram } from '../../platform/metrics/metrics.js';
import { GroupCommit } from '../../platform/unit-of-work/group-commit.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import type { NotificationAttempt } from '../notification-attempt.entity.js';
import { CHANNELS, NOTIFICATION_KINDS } from '../notification-kind.js';
import { Notification } from '../notification.entity.js';
import type { Delivery } from './delivery.queries.js';

/** How a notification ends in delivery. */
export type EndStatus = 'sent' | 'failed' | 'suppressed' | 'held';

const END_STATUSES: readonly EndStatus[] = ['sent', 'failed', 'suppressed', 'held'];

/** Writes the states of notifications, and reports them in facts, metrics and the log. */
@Injectable()
export class DeliveryLedger {
  private readonly logger = new Logger('notifications');
  private readonly commits: GroupCommit;
  private readonly attempts;
  private readonly attemptSeconds;
  private readonly ended;

  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.commits = new GroupCommit((units) =>
      againAfterConflict(() => withConnection(dataSource, (manager) => writer.commit(manager, units))),
    );
    this.attempts = counter(registry, 'notification_attempts_total');
    this.attemptSeconds = histogram(registry, 'notification_attempt_seconds');
    this.ended = counter(registry, 'notifications_ended_total');
    this.beginAtZero();
  }

  /** Commits a unit together with those of other deliveries, in one round trip. */
  commit(unit: UnitOfWork): Promise<void> {
    return this.commits.commit(unit);
  }

  /** Runs work in a transaction and writes the unit that it fills. Work that ends the notification returns how. */
  async write(
    delivery: Delivery,
    work: (manager: EntityManager, unit: UnitOfWork) => Promise<EndStatus | null | void>,
  ): Promise<void> {
    const end = await inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      const status = await work(manager, unit);
      await this.writer.write(manager, [unit]);
      return status;
    });
    if (end) this.countEnd(delivery, end);
  }

  /** Marks the notification as sent, even if it has ended in another way since it was read. */
  markSent(delivery: Delivery, unit: UnitOfWork): void {
    const { id, customer_id: customerId, kind, channel } = delivery;
    const userId = delivery.linked ? delivery.user_id : null;
    const sentAt = new Date();
    unit.execute(MARK_SENT, { id, sentAt });
    this.facts.emit(new NotificationSent(id, customerId, userId, { kind, channel }, sentAt), unit);
  }

  /** Ends a notification that is not sent. @returns the status; null if it had ended already */
  async end(
    manager: EntityManager,
    { id, customer_id: customerId, kind, channel, attempts }: Delivery,
    { status, reason }: { status: Exclude<EndStatus, 'sent'>; reason: string },
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    const changes = {
      status,
      attempts,
      reason,
      nextAttemptAt: null,
      handedOverAt: null,
      updatedAt: new Date(),
    };
    const { affected } = await manager.update(Notification, { id, status: 'queued' }, changes);
    if (affected === 0) return null;
    const details = { kind, channel, reason, attempts };
    this.facts.emit(new NotificationGivenUp(id, customerId, status, details), unit);
    return status;
  }

  /** Keeps the notification queued until a later time, in a job of its own. */
  async queueAgain(
    manager: EntityManager,
    { id }: Delivery,
    changes: { attempts?: number; nextAttemptAt: Date; reason: string | null },
    unit: UnitOfWork,
  ): Promise<void> {
    const others = { handedOverAt: null, updatedAt: new Date() };
    await manager.update(Notification, { id, status: 'queued' }, { ...changes, ...others });
    unit.enqueue('deliver-notification', { notificationId: id }, { runAt: changes.nextAttemptAt });
  }

  /** Does the same without a transaction of its own. It has no effect if the notification was changed since it was read. */
  postpone({ id, version }: Delivery, obstacle: { until: Date; reason: string }, unit: UnitOfWork): void {
    const { until, reason } = obstacle;
    unit.execute(POSTPONE, { id, version, reason, nextAttemptAt: spread(until), updatedAt: new Date() });
  }

  countEnd({ kind, channel }: Delivery, status: EndStatus): void {
    this.ended.inc({ kind, channel, status });
  }

  /** Counts and logs an attempt that has been recorded. */
  reportAttempt(
    { id: notificationId, kind, channel }: Delivery,
    recorded: Pick<
      NotificationAttempt,
      'outcome' | 'smtpCode' | 'enhancedCode' | 'errorCode' | 'phase' | 'durationMs'
    >,
  ): void {
    this.attempts.inc({ kind, channel, outcome: recorded.outcome });
    this.attemptSeconds.observe({ channel }, recorded.durationMs / 1000);
    this.logger.log({ event: 'delivery attempted', notificationId, kind, channel, ...recorded });
  }

  /** Creates the series at zero: Prometheus sees no increase in a series that begins with its first failures. */
  private beginAtZero(): void {
    for (const kind of NOTIFICATION_KINDS)
      for (const channel of CHANNELS)
        for (const status of END_STATUSES) this.ended.inc({ kind, channel, status }, 0);
  }
}

const POSTPONE = `
  with postponed as (
    update notifications as target
    set next_attempt_at = later."nextAttemptAt", reason = later.reason, updated_at = later."updatedAt"
    from json_to_recordset($1::json) as later (
      id uuid, version timestamptz, reason text, "nextAttemptAt" timestamptz, "updatedAt" timestamptz)
    where target.id = later.id and status = 'queued' and target.updated_at = later.version
    returning target.id, next_attempt_at
  )
  select graphile_worker.add_job(
    'deliver-notification', json_build_object('notificationId', id), run_at := next_attempt_at)
  from postponed`;

const MARK_SENT = `
  update notifications as target
  set status = 'sent', attempts = attempts + 1, reason = null, next_attempt_at = null,
    handed_over_at = null, sent_at = sent."sentAt", updated_at = sent."sentAt"
  from json_to_recordset($1::json) as sent (id uuid, "sentAt" timestamptz)
  where target.id = sent.id and status <> 'sent'`;

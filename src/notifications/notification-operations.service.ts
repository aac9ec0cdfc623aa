import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { NotificationOperated } from '../events/notification-facts.event.js';
import { inTransaction } from '../platform/database/transaction.js';
import { DomainError } from '../platform/http/domain-error.js';
import { isInRunningJob, withdrawFromJobs } from '../platform/jobs/job-payloads.queries.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/unit-of-work/unit-of-work-writer.service.js';
import { SuppressionsService } from './suppressions/suppressions.service.js';
import { NotificationAttempt } from './notification-attempt.entity.js';
import { Notification } from './notification.entity.js';
import { Facts } from '../platform/facts/facts.service.js';

/** After this time, a job that had begun with a message has sent it or skipped it. */
const ATTEMPT_OVER_MS = 90_000;

/** Actions of operators on a notification. */
@Injectable()
export class NotificationOperations {
  constructor(
    private readonly suppressions: SuppressionsService,
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Queues a notification from the start of its schedule. A queued one is tried at once, unless an attempt is
   * in progress. One that was cancelled during an attempt waits until the attempt is over, because it may be
   * sent by then.
   * @param force whether a sent notification is sent again
   * @throws DomainError notification_not_found, notification_sent, customer_deleted, customer_unlinked,
   * address_suppressed
   */
  resend(id: string, force: boolean): Promise<void> {
    return this.operate(id, 'resent', async (manager, notification, unit) => {
      if (notification.status === 'sent' && !force) {
        throw new DomainError(
          'notification_sent',
          `Notification ${id} was sent already; use "force" to send it again`,
        );
      }
      await this.assertReachable(manager, notification);
      // A job that has postponed or ended the notification has skipped it, even if it still runs with others.
      const isUnderWay = mayBeUnderWay(notification) && (await isInRunningJob(manager, id));
      if (notification.status === 'queued' && isUnderWay) return null;
      await withdrawFromJobs(manager, id);
      const nextAttemptAt = new Date(Date.now() + (isUnderWay ? ATTEMPT_OVER_MS : 0));
      unit.enqueue('deliver-notification', { notificationId: id }, { runAt: nextAttemptAt });
      const resends = await countSent(manager, notification);
      // A notification that is being handed over keeps its mark until the outcome is known.
      const handedOverAt = isUnderWay ? notification.handedOverAt : null;
      return { status: 'queued', attempts: 0, resends, nextAttemptAt, reason: null, handedOverAt };
    });
  }

  /**
   * Cancels a notification. One that was sent and queued again returns to `sent`.
   * @throws DomainError notification_not_found, notification_ended
   */
  cancel(id: string): Promise<void> {
    return this.operate(id, 'cancelled', async (_manager, { status, sentAt }) => {
      if (status === 'cancelled') return null;
      if (status !== 'queued' && status !== 'held') {
        throw new DomainError('notification_ended', `Notification ${id} has ended already: ${status}`);
      }
      return sentAt
        ? { status: 'sent', nextAttemptAt: null, reason: null }
        : { status: 'cancelled', nextAttemptAt: null, reason: 'operator' };
    });
  }

  /**
   * Holds all queued notifications. If the database was restored from a backup, they may have been sent since
   * the backup.
   * @returns how many
   */
  async holdQueued(): Promise<number> {
    const queued = await this.dataSource.manager.find(Notification, {
      select: { id: true },
      where: { status: 'queued' },
    });
    for (const { id } of queued) {
      await this.operate(id, 'held', async (_manager, { status }) =>
        status === 'queued' ? { status: 'held', nextAttemptAt: null, reason: 'restored_backup' } : null,
      );
    }
    return queued.length;
  }

  /** @param act returns the changes; null for no change, which is not recorded */
  private async operate(
    id: string,
    name: NotificationOperated['act'],
    act: (
      manager: EntityManager,
      notification: Notification,
      unit: UnitOfWork,
    ) => Promise<Partial<Notification> | null>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const notification = await manager.findOne(Notification, { where: { id }, lock });
      if (!notification) throw new DomainError('notification_not_found', `No notification ${id}`);
      const unit = new UnitOfWork();
      const changes = await act(manager, notification, unit);
      if (!changes) return;
      await manager.update(Notification, { id }, { ...changes, updatedAt: new Date() });
      const { customerId, kind, channel, status: statusBefore, reason: reasonBefore } = notification;
      const before = { kind, channel, statusBefore, reasonBefore };
      const changedBefore = notification.updatedAt.toISOString();
      const fact = new NotificationOperated(id, customerId, name, before, changedBefore);
      this.facts.emit(fact, unit);
      await this.writer.write(manager, [unit]);
    });
  }

  private async assertReachable(
    manager: EntityManager,
    { id, customerId, userId, channel }: Notification,
  ): Promise<void> {
    const [customer] = await manager.query<
      { email: string; user_id: string | null; deleted_at: Date | null }[]
    >('select email, user_id, deleted_at from customers where id = $1', [customerId]);
    if (!customer || customer.deleted_at) {
      throw new DomainError('customer_deleted', `The customer of notification ${id} was deleted`);
    }
    if (userId === null || customer.user_id !== userId) {
      throw new DomainError(
        'customer_unlinked',
        `The customer of notification ${id} does not belong to its user`,
      );
    }
    if (channel === 'email' && (await this.suppressions.isSuppressed(customer.email, manager))) {
      throw new DomainError('address_suppressed', `The address of notification ${id} is suppressed`);
    }
  }
}

/** How often a notification was sent. Its attempts may have been removed since (`RETENTION_DAYS`). */
async function countSent(manager: EntityManager, { id, sentAt, resends }: Notification): Promise<number> {
  const accepted = { notificationId: id, outcome: 'accepted' } as const;
  const known = await manager.countBy(NotificationAttempt, accepted);
  return known === 0 && sentAt !== null ? resends + 1 : known;
}

/**
 * Whether a job may be about to send it: it is due, it was queued again during an attempt, or another process
 * ended it.
 */
function mayBeUnderWay({ status, reason, attempts, ...at }: Notification): boolean {
  switch (status) {
    case 'queued': {
      const isLater = at.nextAttemptAt !== null && at.nextAttemptAt > new Date();
      return !isLater || (attempts === 0 && reason === null);
    }
    case 'sent':
      return at.sentAt !== null && at.updatedAt > at.sentAt;
    case 'failed':
      return reason === 'bounced';
    default:
      return status !== 'suppressed';
  }
}

import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
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

/** By then a job that had begun with a message has sent it, or passed it over. */
const ATTEMPT_OVER_MS = 90_000;

/** What operators do to a notification. */
@Injectable()
export class NotificationOperations {
  constructor(
    private readonly suppressions: SuppressionsService,
    private readonly writer: UnitOfWorkWriter,
    private readonly emitter: EventEmitter2,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Queues it from the start of its schedule; a queued one is tried at once, and left alone while that is under way.
   * One that was cancelled under way waits until that is over: it may be sent by then.
   * @param force also one that was sent
   * @throws DomainError notification_not_found, notification_sent, customer_deleted, customer_unlinked,
   *   address_suppressed
   */
  resend(id: string, force: boolean): Promise<void> {
    return this.operate(id, 'resent', async (manager, notification, unit) => {
      if (notification.status === 'sent' && !force) {
        throw new DomainError('notification_sent', `Notification ${id} was sent; "force" sends it again`);
      }
      await this.assertReachable(manager, notification);
      // A job that has put it off or ended it has passed it over, though it may still run with others.
      const isUnderWay = mayBeUnderWay(notification) && (await isInRunningJob(manager, id));
      if (notification.status === 'queued' && isUnderWay) return null;
      await withdrawFromJobs(manager, id);
      const nextAttemptAt = new Date(Date.now() + (isUnderWay ? ATTEMPT_OVER_MS : 0));
      unit.enqueue('deliver-notification', { notificationId: id }, { runAt: nextAttemptAt });
      const accepted = { notificationId: id, outcome: 'accepted' } as const;
      const resends = await manager.countBy(NotificationAttempt, accepted);
      // What is being handed over keeps its mark until the outcome is known.
      const handedOverAt = isUnderWay ? notification.handedOverAt : null;
      return { status: 'queued', attempts: 0, resends, nextAttemptAt, reason: null, handedOverAt };
    });
  }

  /**
   * What had been sent before it was to be sent again stays so.
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
   * Holds all that is queued: in a database restored from a backup it may have been sent since.
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

  /** @param act what changes; null is nothing, and nothing is recorded */
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
      const fact = new NotificationOperated(id, customerId, name, {
        kind,
        channel,
        statusBefore,
        reasonBefore,
      });
      await this.emitter.emitAsync(fact.eventName, fact, unit);
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
      throw new DomainError('customer_unlinked', `Notification ${id} is for no user of its customer`);
    }
    if (channel === 'email' && (await this.suppressions.isSuppressed(customer.email, manager))) {
      throw new DomainError('address_suppressed', `The address of notification ${id} gets no mail`);
    }
  }
}

/** Whether a job may be about to send it: it is due, was sent again under way, or was ended by others. */
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

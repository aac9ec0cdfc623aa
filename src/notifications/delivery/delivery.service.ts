import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, Not } from 'typeorm';
import { uuidv7 } from '../../platform/database/uuid.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { nextAttemptAt } from './delivery-schedule.js';
import { type Delivery, findDelivery, isUnchanged } from './delivery.queries.js';
import { classifyMailFault } from './mail-fault.js';
import { MailSender } from './mail-sender.service.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { MessageRenderer } from '../messages/message-renderer.service.js';
import { NotificationAttempt } from '../notification-attempt.entity.js';
import { NotificationChannelState } from '../notification-channel-state.entity.js';
import { Notification, released } from '../notification.entity.js';

const CHANNEL_PAUSE_MS = 5 * 60_000;
const PAUSE_SPREAD_MS = 30_000;

/** One attempt to deliver a notification, and what it means for the next. */
type Attempt = Pick<NotificationAttempt, 'outcome' | 'smtpCode' | 'errorCode'>;

/** Delivers notifications: at least once, each with a schedule of its own, none holding up another. */
@Injectable()
export class DeliveryService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly renderer: MessageRenderer,
    private readonly sender: MailSender,
    private readonly writer: UnitOfWorkWriter,
    private readonly emitter: EventEmitter2,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Makes one attempt. Does nothing for a notification that has ended; throws only for the database, or when
   * `assertHeld` does: no message is sent by a worker that has lost its job.
   */
  async deliver(notificationId: string, assertHeld: () => Promise<void>): Promise<void> {
    await this.sender.whenFree(async () => {
      const delivery = await findDelivery(this.dataSource, notificationId);
      if (!delivery) return;
      if (!delivery.linked) return this.release(delivery);
      const obstacle = obstacleTo(delivery);
      if (obstacle) {
        await this.end(this.dataSource.manager, delivery, 'suppressed', obstacle);
        return;
      }
      if (delivery.paused_until) return this.postpone(delivery, delivery.paused_until);
      await assertHeld();
      const startedAt = new Date();
      const attempt = await this.attempt(delivery);
      await this.record(delivery, attempt, startedAt);
    });
  }

  private async attempt(delivery: Delivery): Promise<Attempt> {
    let message: RenderedMessage;
    try {
      message = await this.renderer.render(delivery.kind, delivery);
    } catch (error) {
      this.logger.error({ event: 'message not rendered', notificationId: delivery.id, error });
      return { outcome: 'render_failed', smtpCode: null, errorCode: null };
    }
    try {
      await this.sender.send(delivery.id, { name: delivery.name, address: delivery.email }, message);
      return { outcome: 'accepted', smtpCode: 250, errorCode: null };
    } catch (error) {
      return classifyMailFault(error);
    }
  }

  /** The attempt's row and its consequence, in one transaction. */
  private async record(delivery: Delivery, attempt: Attempt, startedAt: Date): Promise<void> {
    const durationMs = Date.now() - startedAt.getTime();
    await inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      unit.insert(NotificationAttempt, {
        ...attempt,
        id: uuidv7(),
        notificationId: delivery.id,
        durationMs,
        attemptedAt: startedAt,
      });
      await this.conclude(manager, delivery, attempt, unit);
      await this.writer.write(manager, [unit]);
    });
    const { id: notificationId, kind, channel } = delivery;
    this.logger.log({ event: 'delivery attempted', notificationId, kind, channel, ...attempt, durationMs });
  }

  /** Of a delivery that went on without us only one thing still counts: that the message has been sent. */
  private async conclude(manager: EntityManager, delivery: Delivery, attempt: Attempt, unit: UnitOfWork) {
    if (attempt.outcome !== 'accepted' && !(await isUnchanged(manager, delivery))) return;
    switch (attempt.outcome) {
      case 'accepted': {
        if (!(await this.end(manager, delivery, 'sent', null))) return;
        const { id, customer_id: customerId, kind } = delivery;
        await this.emitter.emitAsync(
          NotificationSent.eventName,
          new NotificationSent(id, customerId, kind),
          manager,
        );
        return;
      }
      case 'refused':
      case 'render_failed':
        await this.end(manager, delivery, 'failed', attempt.outcome);
        return;
      case 'deferred':
        return this.retry(manager, delivery, unit);
      case 'channel_fault':
        return this.pauseChannel(manager, delivery, attempt, unit);
    }
  }

  private async retry(manager: EntityManager, delivery: Delivery, unit: UnitOfWork): Promise<void> {
    const attempts = delivery.attempts + 1;
    const next = nextAttemptAt(attempts, new Date());
    if (!next) {
      await this.end(manager, delivery, 'failed', 'retries_exhausted');
      return;
    }
    await manager.update(
      Notification,
      { id: delivery.id, status: 'queued' },
      { attempts, nextAttemptAt: next, updatedAt: new Date() },
    );
    unit.enqueue('deliver-notification', { notificationId: delivery.id }, { runAt: next });
  }

  /** A wrong password is not the message's fault: nothing is counted, all of the channel waits. */
  private async pauseChannel(manager: EntityManager, delivery: Delivery, attempt: Attempt, unit: UnitOfWork) {
    const pausedUntil = new Date(Date.now() + CHANNEL_PAUSE_MS);
    const reason = String(attempt.smtpCode ?? attempt.errorCode);
    await manager.upsert(NotificationChannelState, { channel: delivery.channel, pausedUntil, reason }, [
      'channel',
    ]);
    this.logger.error({ event: 'channel paused', channel: delivery.channel, reason, pausedUntil });
    await this.wait(manager, delivery, pausedUntil, unit);
  }

  private async postpone(delivery: Delivery, until: Date): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      if (!(await isUnchanged(manager, delivery))) return;
      const unit = new UnitOfWork();
      await this.wait(manager, delivery, until, unit);
      await this.writer.write(manager, [unit]);
    });
  }

  private async wait(
    manager: EntityManager,
    delivery: Delivery,
    until: Date,
    unit: UnitOfWork,
  ): Promise<void> {
    const next = new Date(until.getTime() + Math.random() * PAUSE_SPREAD_MS);
    const queued = { id: delivery.id, status: 'queued' } as const;
    await manager.update(Notification, queued, { nextAttemptAt: next, updatedAt: new Date() });
    unit.enqueue('deliver-notification', { notificationId: delivery.id }, { runAt: next });
  }

  /** Queued by somebody who did not know yet that the customer had been unlinked. */
  private async release({ id }: Delivery): Promise<void> {
    await this.dataSource.manager.update(Notification, { id, status: 'queued' }, released());
  }

  /**
   * What has been sent is `sent`, also where it has ended otherwise meanwhile.
   * @returns false when it has ended already
   */
  private async end(
    manager: EntityManager,
    delivery: Delivery,
    status: 'sent' | 'failed' | 'suppressed',
    reason: string | null,
  ): Promise<boolean> {
    const now = new Date();
    const { affected } = await manager.update(
      Notification,
      { id: delivery.id, status: status === 'sent' ? Not('sent') : 'queued' },
      { status, reason, nextAttemptAt: null, sentAt: status === 'sent' ? now : null, updatedAt: now },
    );
    return affected === 1;
  }
}

/** Why a notification is not to be sent, if so. */
function obstacleTo(delivery: Delivery): string | null {
  if (delivery.wanted === false) return 'preferences';
  if (delivery.kind === 'portal_access' && delivery.portal_status !== 'active') return 'no_portal_access';
  return null;
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { uuidv7 } from '../../platform/database/uuid.js';
import { nextAttemptAt, spread } from '../../platform/delivery/delivery-schedule.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { Attempt } from '../channels/notification-channel.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { NotificationAttempt } from '../notification-attempt.entity.js';
import { NotificationsSettings } from '../notifications.settings.js';
import { Notification, released } from '../notification.entity.js';
import { ATTEMPT_OUTCOMES } from './attempt-outcomes.js';
import { ChannelFaults, type MetFault } from './channel-faults.service.js';
import { type EndStatus, DeliveryLedger } from './delivery-ledger.service.js';
import { headStart, type Obstacle } from './delivery-rules.js';
import { type Delivery, isUnchanged } from './delivery.queries.js';

/** How long a message waits for a channel that failed too rarely to be paused. */
const UNREACHABLE_WAIT_MS = 10_000;

/** Records attempts, or why none was made, and applies `ATTEMPT_OUTCOMES`. */
@Injectable()
export class AttemptRecorder {
  constructor(
    private readonly settings: NotificationsSettings,
    private readonly caps: MailCaps,
    private readonly faults: ChannelFaults,
    private readonly ledger: DeliveryLedger,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Cancels a notification that was queued while its customer was being unlinked. */
  async recordUnlinked({ id }: Delivery): Promise<void> {
    await this.dataSource.manager.update(Notification, { id, status: 'queued' }, released());
  }

  /** Records that no attempt was made: the notification ends, or waits, and no attempt is counted. */
  async recordObstacle(delivery: Delivery, obstacle: Obstacle): Promise<void> {
    if ('until' in obstacle) {
      const unit = new UnitOfWork();
      this.ledger.postpone(delivery, obstacle, unit);
      return this.ledger.commit(unit);
    }
    const ending = { status: 'suppressed', reason: obstacle.reason } as const;
    await this.ledger.write(delivery, async (manager, unit) => {
      if (!(await isUnchanged(manager, delivery))) return null;
      return this.ledger.end(manager, delivery, ending, unit);
    });
  }

  /**
   * Marks a message that must not arrive twice before it is handed over. If a later attempt finds the mark, the
   * outcome of this attempt is unknown.
   * @returns false if the message is not to be sent any more
   */
  async recordHandover({ id, kind, channel }: Delivery): Promise<boolean> {
    if (channel !== 'email' || !this.isHeldWhenUnknown(kind)) return true;
    const marked = { id, status: 'queued', handedOverAt: IsNull() } as const;
    const handedOverAt = new Date();
    const { affected } = await this.dataSource.manager.update(Notification, marked, { handedOverAt });
    return affected === 1;
  }

  /** Records an attempt whose process ended, or lost the database, before it recorded the outcome. */
  async recordInterrupted(delivery: Delivery, attemptedAt: Date): Promise<void> {
    await this.ledger.write(delivery, async (manager, unit) => {
      const { id: notificationId } = delivery;
      unit.insert(NotificationAttempt, { ...INTERRUPTED, id: uuidv7(), notificationId, attemptedAt });
      // An interruption says nothing about the channel.
      return (await isUnchanged(manager, delivery)) ? this.holdOrRetry(manager, delivery, unit) : null;
    });
  }

  /** Records an attempt and its consequences in one transaction. */
  async recordAttempt(delivery: Delivery, attempt: Attempt, attemptedAt: Date): Promise<void> {
    const durationMs = Date.now() - attemptedAt.getTime();
    const { outcome, smtpCode = null, enhancedCode = null, errorCode = null, phase = null } = attempt;
    const recorded = { outcome, smtpCode, enhancedCode, errorCode, phase, durationMs };
    const addTo = (unit: UnitOfWork) => {
      const row = { ...recorded, id: uuidv7(), notificationId: delivery.id, attemptedAt };
      unit.insert(NotificationAttempt, row);
      const mayHaveLeft = delivery.channel === 'email' && ATTEMPT_OUTCOMES[outcome].mayHaveLeft;
      if (mayHaveLeft) this.caps.count(delivery, unit);
    };
    if (ATTEMPT_OUTCOMES[outcome].message === 'sent') await this.recordSent(delivery, addTo);
    else {
      await this.ledger.write(delivery, (manager, unit) => {
        addTo(unit);
        return this.conclude(manager, delivery, attempt, unit);
      });
    }
    this.ledger.reportAttempt(delivery, recorded);
  }

  /** Records the usual outcome: together with those of other deliveries, in one round trip. */
  private async recordSent(delivery: Delivery, addTo: (unit: UnitOfWork) => void): Promise<void> {
    const unit = new UnitOfWork();
    addTo(unit);
    this.faults.recordAccepted(delivery, unit);
    this.ledger.markSent(delivery, unit);
    await this.ledger.commit(unit);
    if (delivery.channel_failures > 0) {
      await this.ledger.write(delivery, (manager) => this.faults.recordRecovery(manager, delivery));
    }
    this.ledger.countEnd(delivery, 'sent');
  }

  private async conclude(
    manager: EntityManager,
    delivery: Delivery,
    attempt: Attempt,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    const rule = ATTEMPT_OUTCOMES[attempt.outcome];
    const isOurs = await isUnchanged(manager, delivery);
    const fault = isOurs ? await this.faults.record(manager, delivery, attempt, unit) : null;
    if (isOurs && rule.channel === 'works' && delivery.channel_failures > 0) {
      await this.faults.recordRecovery(manager, delivery);
    }
    if (rule.address === 'judged') await this.faults.judgeAddress(manager, delivery, attempt, unit);
    if (!isOurs) {
      // Another worker took over the notification and decides about it. The outcome of this attempt is known.
      await manager.update(Notification, { id: delivery.id }, { handedOverAt: null });
      return null;
    }
    const notBefore = fault?.pausedUntil ?? null;
    switch (rule.message) {
      case 'failed':
        return this.fail(manager, delivery, attempt.reason ?? attempt.outcome, unit);
      case 'held':
        return this.holdOrRetry(manager, delivery, unit, notBefore);
      case 'waits':
        return fault && !fault.isOwn
          ? this.waitForChannel(manager, delivery, attempt, fault, unit)
          : this.retry(manager, delivery, unit, notBefore);
      default:
        return this.retry(manager, delivery, unit);
    }
  }

  /** Does not count the attempt. The reason is shown with the time. */
  private async waitForChannel(
    manager: EntityManager,
    delivery: Delivery,
    { outcome: reason, recipientWasNamed }: Attempt,
    { pausedUntil }: MetFault,
    unit: UnitOfWork,
  ): Promise<null> {
    const until = pausedUntil ?? new Date(Date.now() + UNREACHABLE_WAIT_MS);
    const next = spread(recipientWasNamed ? headStart(until) : until);
    await this.ledger.queueAgain(manager, delivery, { nextAttemptAt: next, reason }, unit);
    return null;
  }

  private holdOrRetry(
    manager: EntityManager,
    delivery: Delivery,
    unit: UnitOfWork,
    notBefore: Date | null = null,
  ): Promise<EndStatus | null> {
    if (!this.isHeldWhenUnknown(delivery.kind)) return this.retry(manager, delivery, unit, notBefore);
    const held = { status: 'held', reason: 'unknown_outcome' } as const;
    return this.ledger.end(manager, counted(delivery), held, unit);
  }

  /** Counts the attempt. @param notBefore the earliest time of the next one */
  private async retry(
    manager: EntityManager,
    delivery: Delivery,
    unit: UnitOfWork,
    notBefore: Date | null = null,
  ): Promise<EndStatus | null> {
    const { attempts } = counted(delivery);
    const next = nextAttemptAt(attempts, new Date());
    if (!next) return this.fail(manager, delivery, 'retries_exhausted', unit);
    const later = new Date(Math.max(next.getTime(), notBefore?.getTime() ?? 0));
    await this.ledger.queueAgain(manager, delivery, { attempts, nextAttemptAt: later, reason: null }, unit);
    return null;
  }

  private fail(
    manager: EntityManager,
    delivery: Delivery,
    reason: string,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    return this.ledger.end(manager, counted(delivery), { status: 'failed', reason }, unit);
  }

  private isHeldWhenUnknown(kind: string): boolean {
    return this.settings.heldKinds?.some((held) => held === kind) ?? false;
  }
}

/** The delivery with one more attempt. */
function counted(delivery: Delivery): Delivery {
  return { ...delivery, attempts: delivery.attempts + 1 };
}

const INTERRUPTED = {
  outcome: 'unknown',
  smtpCode: null,
  enhancedCode: null,
  errorCode: 'INTERRUPTED',
  phase: null,
  durationMs: 0,
} as const;

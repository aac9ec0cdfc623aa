import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource, IsNull } from 'typeorm';
import { withConnection } from '../../platform/database/pg-client.js';
import { againAfterConflict, inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { counter, histogram } from '../../platform/metrics/metrics.js';
import { GroupCommit } from '../../platform/unit-of-work/group-commit.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import type { Attempt } from '../channels/notification-channel.js';
import { NotificationAttempt } from '../notification-attempt.entity.js';
import { Notification, released } from '../notification.entity.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { AttemptConsequences, type EndStatus } from './attempt-consequences.service.js';
import type { Obstacle } from './delivery-rules.js';
import { type Delivery, isUnchanged } from './delivery.queries.js';

/** Writes down what came of a delivery together with its consequences. */
@Injectable()
export class AttemptRecorder {
  private readonly logger = new Logger('notifications');
  private readonly commits: GroupCommit;
  private readonly attempts;
  private readonly attemptSeconds;
  private readonly ended;

  constructor(
    private readonly consequences: AttemptConsequences,
    private readonly writer: UnitOfWorkWriter,
    private readonly caps: MailCaps,
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.commits = new GroupCommit((units) =>
      againAfterConflict(() => withConnection(dataSource, (manager) => writer.commit(manager, units))),
    );
    this.attempts = counter(registry, 'notification_attempts_total');
    this.attemptSeconds = histogram(registry, 'notification_attempt_seconds');
    this.ended = counter(registry, 'notifications_ended_total');
  }

  /** Queued by somebody who did not know yet that the customer had been unlinked. */
  async recordUnlinked({ id }: Delivery): Promise<void> {
    await this.dataSource.manager.update(Notification, { id, status: 'queued' }, released());
  }

  /** No attempt was made: the notification ends, or waits without one being counted. */
  async recordObstacle(delivery: Delivery, obstacle: Obstacle): Promise<void> {
    if ('until' in obstacle) {
      const unit = new UnitOfWork();
      this.consequences.postpone(delivery, obstacle, unit);
      return this.commits.commit(unit);
    }
    const end = await inTransaction(this.dataSource, async (manager) => {
      if (!(await isUnchanged(manager, delivery))) return null;
      const unit = new UnitOfWork();
      const { reason } = obstacle;
      const status = await this.consequences.end(manager, delivery, { status: 'suppressed', reason }, unit);
      await this.writer.write(manager, [unit]);
      return status;
    });
    this.countEnd(delivery, end);
  }

  /**
   * What must not come twice is marked first: whoever finds the mark knows that nobody knows.
   * @returns false when it is not to be sent any more
   */
  async recordHandover({ id, kind, channel }: Delivery): Promise<boolean> {
    if (channel !== 'email' || !this.consequences.isHeldWhenUnknown(kind)) return true;
    const marked = { id, status: 'queued', handedOverAt: IsNull() } as const;
    const handedOverAt = new Date();
    const { affected } = await this.dataSource.manager.update(Notification, marked, { handedOverAt });
    return affected === 1;
  }

  /** A process ended, or lost the database, before it could tell what came of its attempt. */
  async recordInterrupted(delivery: Delivery, attemptedAt: Date): Promise<void> {
    const end = await inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      unit.insert(NotificationAttempt, {
        ...INTERRUPTED,
        id: uuidv7(),
        notificationId: delivery.id,
        attemptedAt,
      });
      const status = await this.consequences.concludeInterrupted(manager, delivery, unit);
      await this.writer.write(manager, [unit]);
      return status;
    });
    this.countEnd(delivery, end);
  }

  /** The attempt's row and its consequences, in one transaction. */
  async recordAttempt(delivery: Delivery, attempt: Attempt, startedAt: Date): Promise<void> {
    const durationMs = Date.now() - startedAt.getTime();
    const { outcome, smtpCode = null, enhancedCode = null, errorCode = null, phase = null } = attempt;
    const told = { outcome, smtpCode, enhancedCode, errorCode, phase, durationMs };
    const { id: notificationId, kind, channel } = delivery;
    const begin = () => {
      const unit = new UnitOfWork();
      unit.insert(NotificationAttempt, { ...told, id: uuidv7(), notificationId, attemptedAt: startedAt });
      if (hasLeft(delivery, attempt)) this.caps.count(delivery, unit);
      return unit;
    };
    const end =
      outcome === 'accepted'
        ? await this.recordSent(delivery, begin())
        : await inTransaction(this.dataSource, async (manager) => {
            const unit = begin();
            const status = await this.consequences.conclude(manager, delivery, attempt, unit);
            await this.writer.write(manager, [unit]);
            return status;
          });
    this.countEnd(delivery, end);
    this.attempts.inc({ kind, channel, outcome });
    this.attemptSeconds.observe({ channel }, durationMs / 1000);
    this.logger.log({ event: 'delivery attempted', notificationId, kind, channel, ...told });
  }

  /** What usually happens takes one round trip, for several together. */
  private async recordSent(delivery: Delivery, unit: UnitOfWork): Promise<EndStatus> {
    await this.consequences.concludeSent(delivery, unit);
    await this.commits.commit(unit);
    if (delivery.channel_failures > 0) {
      await inTransaction(this.dataSource, (manager) => this.consequences.recordRecovery(manager, delivery));
    }
    return 'sent';
  }

  private countEnd({ kind, channel }: Delivery, status: EndStatus | null): void {
    if (status) this.ended.inc({ kind, channel, status });
  }
}

const INTERRUPTED = {
  outcome: 'unknown',
  smtpCode: null,
  enhancedCode: null,
  errorCode: 'INTERRUPTED',
  phase: null,
  durationMs: 0,
} as const;

/** Whether there is a mail more on its way, as far as anybody knows. */
function hasLeft({ channel }: Delivery, { outcome }: Attempt): boolean {
  return channel === 'email' && (outcome === 'accepted' || outcome === 'unknown');
}

import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import { NotificationGivenUp } from '../../events/notification-facts.event.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { AppConfig } from '../../platform/config/app-config.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { ChannelBreaker } from '../channels/channel-breaker.service.js';
import type { ChannelFault } from '../channels/circuit.js';
import type { Attempt } from '../channels/notification-channel.js';
import { Notification } from '../notification.entity.js';
import { SuppressionsService } from '../suppressions/suppressions.service.js';
import { nextAttemptAt } from './delivery-schedule.js';
import { type Delivery, isUnchanged } from './delivery.queries.js';

/** Messages that wait for the same time come back spread over as long again, up to this. */
const SPREAD_MAX_MS = 30_000;
/** How long a message waits for a channel that failed too rarely to be paused. */
const UNREACHABLE_WAIT_MS = 10_000;

/** How a notification ends in delivery. */
export type EndStatus = 'sent' | 'failed' | 'suppressed' | 'held';

/** How one ends that is not sent, and why in one word. */
interface Ending {
  status: Exclude<EndStatus, 'sent'>;
  reason: string;
}

/** What an attempt, or the lack of one, means for its notification and its channel. */
@Injectable()
export class AttemptConsequences {
  constructor(
    private readonly config: AppConfig,
    private readonly emitter: EventEmitter2,
    private readonly breaker: ChannelBreaker,
    private readonly suppressions: SuppressionsService,
  ) {}

  /** The channel answers again. */
  async recordRecovery(manager: EntityManager, { channel }: Delivery): Promise<void> {
    await this.breaker.recordSuccess(manager, channel);
  }

  /** What has been sent is `sent`, also where it has ended otherwise meanwhile. */
  async concludeSent(
    { id, customer_id: customerId, kind, channel }: Delivery,
    unit: UnitOfWork,
  ): Promise<void> {
    unit.execute(MARK_SENT, { id, sentAt: new Date() });
    const fact = new NotificationSent(id, customerId, kind, channel);
    await this.emitter.emitAsync(NotificationSent.eventName, fact, unit);
  }

  /** Nothing where the delivery went on without us. @returns how the notification ended; null where it did not */
  async conclude(
    manager: EntityManager,
    delivery: Delivery,
    attempt: Attempt,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    if (!(await isUnchanged(manager, delivery))) {
      // What became of the notification is others' affair; what the address is, and that the outcome is known, is not.
      await manager.update(Notification, { id: delivery.id }, { handedOverAt: null });
      if (attempt.addressIsGone) await this.suppress(manager, delivery, attempt, unit);
      return null;
    }
    const fault = FAULT_OF[attempt.outcome];
    if (!fault) {
      if (delivery.channel_failures > 0 && attempt.outcome !== 'render_failed')
        await this.recordRecovery(manager, delivery);
      return this.concludeMessage(manager, delivery, attempt, unit);
    }
    const reason = String(attempt.smtpCode ?? attempt.errorCode);
    const isRepeated = isWithinSession(attempt) && (await hasLostSession(manager, delivery));
    const { channel } = delivery;
    const pausedUntil = await this.breaker.recordFault(manager, channel, fault, reason, isRepeated);
    if (attempt.outcome === 'unknown') return this.concludeUnknown(manager, delivery, unit, pausedUntil);
    if (isRepeated) return this.retry(manager, delivery, unit, pausedUntil);
    const until = pausedUntil ?? new Date(Date.now() + UNREACHABLE_WAIT_MS);
    // No attempt is counted. What it waits for is shown with the time.
    const waiting = { nextAttemptAt: spread(until), reason: attempt.outcome };
    await this.queueAgain(manager, delivery, waiting, unit);
    return null;
  }

  /** An attempt whose outcome was lost says nothing about the channel. */
  async concludeInterrupted(
    manager: EntityManager,
    delivery: Delivery,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    if (!(await isUnchanged(manager, delivery))) return null;
    return this.concludeUnknown(manager, delivery, unit, null);
  }

  /** Whether one of this kind waits for an operator when nobody knows whether it arrived. */
  isHeldWhenUnknown(kind: string): boolean {
    return this.config.notifications.holdUnknown.includes(kind);
  }

  /** No attempt was made, and none is counted; nothing where the delivery went on without us. */
  postpone(
    { id, version }: Delivery,
    { until, reason }: { until: Date; reason: string },
    unit: UnitOfWork,
  ): void {
    unit.execute(POSTPONE, { id, version, reason, nextAttemptAt: spread(until), updatedAt: new Date() });
  }

  /** @returns the status, or null where it had ended otherwise meanwhile */
  async end(
    manager: EntityManager,
    { id, customer_id: customerId, kind, channel, attempts }: Delivery,
    { status, reason }: Ending,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    const over = { nextAttemptAt: null, handedOverAt: null, updatedAt: new Date() };
    const changes = { status, attempts, reason, ...over };
    const { affected } = await manager.update(Notification, { id, status: 'queued' }, changes);
    if (affected === 0) return null;
    const fact = new NotificationGivenUp(id, customerId, status, { kind, channel, reason, attempts });
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    return status;
  }

  private async concludeMessage(
    manager: EntityManager,
    delivery: Delivery,
    attempt: Attempt,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    switch (attempt.outcome) {
      case 'refused':
        if (attempt.addressIsGone) await this.suppress(manager, delivery, attempt, unit);
        return this.fail(manager, delivery, attempt.reason ?? 'refused', unit);
      case 'render_failed':
        return this.fail(manager, delivery, 'render_failed', unit);
      default:
        return this.retry(manager, delivery, unit);
    }
  }

  private concludeUnknown(
    manager: EntityManager,
    delivery: Delivery,
    unit: UnitOfWork,
    notBefore: Date | null,
  ): Promise<EndStatus | null> {
    if (!this.isHeldWhenUnknown(delivery.kind)) {
      return this.retry(manager, delivery, unit, notBefore);
    }
    const held = { status: 'held', reason: 'unknown_outcome' } as const;
    return this.end(manager, counted(delivery), held, unit);
  }

  private fail(
    manager: EntityManager,
    delivery: Delivery,
    reason: string,
    unit: UnitOfWork,
  ): Promise<EndStatus | null> {
    return this.end(manager, counted(delivery), { status: 'failed', reason }, unit);
  }

  private async suppress(
    manager: EntityManager,
    { id: notificationId, customer_id: customerId, email }: Delivery,
    { smtpCode, enhancedCode }: Attempt,
    unit: UnitOfWork,
  ): Promise<void> {
    const source = ['smtp', smtpCode, enhancedCode].filter((part) => part !== null).join(' ');
    const told = { address: email, reason: 'hard_bounce', source } as const;
    await this.suppressions.addBecause(manager, told, { customerId, notificationId }, unit);
  }

  /** Counts the attempt. @param notBefore a time that the schedule is not to undercut */
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
    await this.queueAgain(manager, delivery, { attempts, nextAttemptAt: later, reason: null }, unit);
    return null;
  }

  private async queueAgain(
    manager: EntityManager,
    { id }: Delivery,
    changes: { attempts?: number; nextAttemptAt: Date; reason: string | null },
    unit: UnitOfWork,
  ): Promise<void> {
    const over = { handedOverAt: null, updatedAt: new Date() };
    await manager.update(Notification, { id, status: 'queued' }, { ...changes, ...over });
    unit.enqueue('deliver-notification', { notificationId: id }, { runAt: changes.nextAttemptAt });
  }
}

/** With one attempt more. */
function counted(delivery: Delivery): Delivery {
  return { ...delivery, attempts: delivery.attempts + 1 };
}

/** What an outcome tells of the channel. A session that is lost once all was written is lost all the same. */
const FAULT_OF: Partial<Record<Attempt['outcome'], ChannelFault>> = {
  unreachable: 'unreachable',
  unknown: 'unreachable',
  channel_fault: 'channel_fault',
  rate_limited: 'rate_limited',
};

function isWithinSession({ outcome, phase }: Attempt): boolean {
  return phase !== 'connect' && outcome !== 'channel_fault';
}

/**
 * Whether the server has lost a session, or asked us to slow down, over this very message before. Then it may be
 * about the message, which must end some day and not hold up the others: it goes on by its own schedule.
 */
async function hasLostSession(manager: EntityManager, { id }: Delivery): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `select from notification_attempts
     where notification_id = $1 and phase <> 'connect' and outcome in ('unreachable', 'unknown', 'rate_limited')
     limit 1`,
    [id],
  );
  return rows.length > 0;
}

function spread(until: Date): Date {
  const spreadMs = Math.min(Math.max(until.getTime() - Date.now(), 0), SPREAD_MAX_MS);
  return new Date(until.getTime() + Math.random() * spreadMs);
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

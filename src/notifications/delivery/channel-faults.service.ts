import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { ChannelBreaker } from '../channels/channel-breaker.service.js';
import type { Attempt } from '../channels/notification-channel.js';
import { AddressJudge } from '../suppressions/address-judge.service.js';
import { faultOf } from './attempt-outcomes.js';
import type { Delivery } from './delivery.queries.js';
import { isRefusing, markAccepting, markRefusing } from './refusing-domains.js';

/** What a fault means for the message that met it. */
export interface MetFault {
  /** Until when the channel is paused now; null when it is not. */
  pausedUntil: Date | null;
  /** The fault says nothing new about the channel: the message follows its own schedule. */
  isOwn: boolean;
}

/**
 * Records what attempts show about channels, domains and addresses. It separates faults of a channel from those of
 * one message or one domain: if a message, or its recipient's domain, meets a fault again while other messages get
 * through, the fault is its own (ADR 19).
 */
@Injectable()
export class ChannelFaults {
  constructor(
    private readonly breaker: ChannelBreaker,
    private readonly judge: AddressJudge,
  ) {}

  /** Records the fault. Returns null if the outcome shows no fault of the channel. */
  async record(
    manager: EntityManager,
    delivery: Delivery,
    attempt: Attempt,
    unit: UnitOfWork,
  ): Promise<MetFault | null> {
    const fault = faultOf(attempt.outcome);
    if (!fault) return null;
    const { channel, email } = delivery;
    const isKnown = await this.isKnown(manager, delivery, attempt);
    const pausedUntil = await this.breaker.recordFault(manager, channel, fault, reasonOf(attempt), isKnown);
    if (attempt.recipientWasNamed) markRefusing(unit, email);
    // Only a closed circuit shows that other messages got through since.
    const isOwn = isKnown && (fault !== 'channel_fault' || pausedUntil === null);
    return { pausedUntil, isOwn };
  }

  /** Records that the channel works again. */
  recordRecovery(manager: EntityManager, { channel }: Delivery): Promise<void> {
    return this.breaker.recordSuccess(manager, channel);
  }

  /** Records that the recipient's domain accepts our mail. */
  recordAccepted({ email, refusing }: Delivery, unit: UnitOfWork): void {
    if (refusing) markAccepting(unit, email);
  }

  /** Records what a refusal says about the address, which may be suppressed. */
  async judgeAddress(
    manager: EntityManager,
    { id: notificationId, customer_id: customerId, email: address }: Delivery,
    { smtpCode, enhancedCode, verdict }: Attempt,
    unit: UnitOfWork,
  ): Promise<void> {
    if (!verdict) return;
    const source = ['smtp', smtpCode, enhancedCode].filter((part) => part !== null).join(' ');
    await this.judge.record(manager, { address, verdict, source }, { customerId, notificationId }, unit);
  }

  private async isKnown(manager: EntityManager, delivery: Delivery, attempt: Attempt): Promise<boolean> {
    if (attempt.phase === 'connect') return false;
    const before = attempt.outcome === 'channel_fault' ? ['channel_fault'] : SESSION_FAULTS;
    if (await hasMet(manager, delivery, before)) return true;
    return attempt.recipientWasNamed === true && isRefusing(manager, delivery.email);
  }
}

/** The server lost a session or limited our rate. */
const SESSION_FAULTS = ['unreachable', 'unknown', 'rate_limited'];

/** Whether this message has met such a fault before, after a session was open. */
async function hasMet(manager: EntityManager, { id }: Delivery, outcomes: string[]): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `select from notification_attempts
     where notification_id = $1 and phase <> 'connect' and outcome = any($2)
     limit 1`,
    [id, outcomes],
  );
  return rows.length > 0;
}

/** The reason for operators and alerts: the codes, and a word if the codes do not say it. */
function reasonOf({ smtpCode, enhancedCode, errorCode, reason }: Attempt): string {
  const code = smtpCode ?? errorCode;
  return reason ? [code, enhancedCode, reason].filter(Boolean).join(' ') : String(code);
}

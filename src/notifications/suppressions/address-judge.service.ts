import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AddressSuppressionChanged } from '../../events/notification-facts.event.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { normaliseAddress } from '../../platform/mail-address.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { Verdict } from '../evidence/refusal.js';
import { sourceOf, sourceOfFailures } from './suppression-source.js';
import { SuppressionsService } from './suppressions.service.js';

/** On how many days a message must have failed without a clear reason. */
const FAILED_DAYS_MAX = 3;

/** A refusal of a message to an address. */
export interface AddressRefusal {
  address: string;
  verdict: Verdict;
  /** The source with its codes: `smtp 550 5.1.1`, `dsn 5.1.1`. */
  source: string;
}

type Cause = NonNullable<AddressSuppressionChanged['cause']>;

/**
 * Decides what refusals mean for an address. It is suppressed after one refusal that says it is gone, or
 * after failures without a clear reason on three days.
 */
@Injectable()
export class AddressJudge {
  constructor(private readonly suppressions: SuppressionsService) {}

  /** @param cause the message that was refused */
  async record(
    manager: EntityManager,
    { address, verdict, source: refusal }: AddressRefusal,
    cause: Cause,
    unit: UnitOfWork,
  ): Promise<void> {
    if (verdict.address === 'not_meant') return;
    if (verdict.address === 'unclear' && !(await this.isThird(manager, address, refusal, cause))) return;
    const source =
      verdict.address === 'gone' ? sourceOf(refusal, verdict.evidence) : sourceOfFailures(refusal);
    await this.suppressions.addBecause(manager, { address, reason: 'hard_bounce', source }, cause, unit);
  }

  async recordComplaint(
    manager: EntityManager,
    address: string,
    cause: Cause,
    unit: UnitOfWork,
  ): Promise<void> {
    const complaint = { address, reason: 'complaint', source: 'feedback_report' } as const;
    await this.suppressions.addBecause(manager, complaint, cause, unit);
  }

  /** Counts the failure, once for each message. A lock puts the failures of one address in sequence. */
  private async isThird(
    manager: EntityManager,
    address: string,
    source: string,
    { notificationId }: Cause,
  ): Promise<boolean> {
    const counted = normaliseAddress(address);
    await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`failures of ${counted}`]);
    await manager.query(COUNT_FAILURE, [uuidv7(), counted, notificationId, source, new Date()]);
    const [row] = await manager.query<{ days: number }[]>(FAILED_DAYS, [counted]);
    return (row?.days ?? 0) >= FAILED_DAYS_MAX;
  }
}

const COUNT_FAILURE = `
  insert into address_failures (id, address, notification_id, source, failed_at) values ($1, $2, $3, $4, $5)
  on conflict (address, notification_id) do nothing`;

/** Each row is another message, so the number of messages is at least the number of days. */
const FAILED_DAYS = `
  select count(distinct (failed_at at time zone 'utc')::date)::int as days from address_failures where address = $1`;

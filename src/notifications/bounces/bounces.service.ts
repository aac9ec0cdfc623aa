import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { NotificationBounced } from '../../events/notification-facts.event.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { normaliseAddress } from '../../platform/mail-address.js';
import { isGone } from '../email/mail-fault.js';
import { Notification } from '../notification.entity.js';
import { SuppressionsService } from '../suppressions/suppressions.service.js';
import {
  type MailReport,
  partsOf,
  readMailReport,
  type ReportedMail,
  reportedMailIn,
  type ReportProblem,
} from './mail-report.js';

/** What a report came to. Those that are no report or about no message of ours change nothing. */
export type BounceOutcome =
  'hard_bounce' | 'bounce' | 'complaint' | 'noted' | 'unknown_message' | ReportProblem;

/** Takes the reports of mail systems about messages we have sent. A repeated one changes nothing. */
@Injectable()
export class BouncesService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly config: AppConfig,
    private readonly suppressions: SuppressionsService,
    private readonly writer: UnitOfWorkWriter,
    private readonly emitter: EventEmitter2,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @param raw a mail as received (RFC 5322) */
  async take(raw: Buffer): Promise<BounceOutcome> {
    const parts = await partsOf(raw);
    const report = readMailReport(parts);
    const mail = reportedMailIn(raw, parts, this.config.mail.bounceAddress);
    const outcome = typeof report === 'string' ? report : await this.apply(report, mail);
    this.logger.log({ event: 'mail report taken', outcome, ...mail });
    return outcome;
  }

  private apply(report: MailReport, mail: ReportedMail | null): Promise<BounceOutcome> {
    return inTransaction(this.dataSource, async (manager) => {
      const recipient = mail && (await findRecipient(manager, mail, report.recipients));
      if (!recipient) return 'unknown_message';
      const outcome = outcomeOf(report);
      if (outcome === 'noted') return outcome;
      const { resends } = mail;
      const { isOtherAddress } = recipient;
      const isRepeated = recipient.known.some(
        (known) => known.outcome === outcome && known.isOtherAddress === isOtherAddress,
      );
      if (isRepeated) return outcome;
      const unit = new UnitOfWork();
      const told = report.type === 'feedback' ? report.feedbackType : report.status;
      if (recipient.isLatest && !isOtherAddress) await this.mark(manager, recipient.id, outcome);
      const fact = new NotificationBounced(recipient.id, recipient.customer_id, outcome, {
        told,
        resends,
        isOtherAddress,
      });
      await this.emitter.emitAsync(fact.eventName, fact, unit);
      if (outcome !== 'bounce') await this.suppress(manager, recipient, outcome, told, unit);
      await this.writer.write(manager, [unit]);
      return outcome;
    });
  }

  private async mark(manager: EntityManager, id: string, outcome: BounceOutcome): Promise<void> {
    const changes =
      outcome === 'complaint'
        ? { reason: 'complaint' }
        : { status: 'failed' as const, reason: 'bounced', nextAttemptAt: null };
    const status = outcome === 'complaint' ? 'sent' : In(['sent', 'queued', 'held']);
    await manager.update(Notification, { id, status }, { ...changes, updatedAt: new Date() });
  }

  private async suppress(
    manager: EntityManager,
    { id: notificationId, customer_id: customerId, email: address }: Recipient,
    reason: 'hard_bounce' | 'complaint',
    told: string,
    unit: UnitOfWork,
  ): Promise<void> {
    const source = reason === 'complaint' ? 'feedback_report' : `dsn ${told}`;
    const cause = { customerId, notificationId };
    await this.suppressions.addBecause(manager, { address, reason, source }, cause, unit);
  }
}

interface Recipient {
  id: string;
  /** Whether it has not been sent again since: what came of the mail is what came of the notification. */
  isLatest: boolean;
  /** What has been told of this mail before: a report told again, however late, changes nothing. */
  known: { outcome: string; isOtherAddress: boolean }[];
  customer_id: string;
  /** The address that the report is about. */
  email: string;
  /** Whether the mail that was accepted went to another one: an earlier try may have arrived as well. */
  isOtherAddress: boolean;
}

/** @param told the addresses that the report names; one that never was the customer's is where they forward to */
async function findRecipient(
  manager: EntityManager,
  { notificationId, resends }: ReportedMail,
  told: readonly string[],
): Promise<Recipient | null> {
  const [row] = await manager.query<(Omit<Recipient, 'isOtherAddress'> & { addresses: string[] })[]>(
    RECIPIENT,
    [notificationId, resends],
  );
  if (!row) return null;
  const { addresses, ...recipient } = row;
  const named = new Set(told.map(normaliseAddress));
  const isNamed = (address: string) => named.has(normaliseAddress(address));
  const other = isNamed(recipient.email) ? undefined : addresses.find(isNamed);
  return { ...recipient, email: other ?? recipient.email, isOtherAddress: other !== undefined };
}

/** With the address that the mail went to, and all of the customer's: the audit tells of those that have changed. */
const RECIPIENT = `
  select n.id, n.customer_id, n.resends <= $2 as "isLatest",
    coalesce((
      select json_agg(json_build_object(
        'outcome', details ->> 'outcome',
        'isOtherAddress', coalesce((details ->> 'isOtherAddress')::boolean, false)))
      from audit_entries
      where object_id = n.id::text and action = 'notification.bounced'
        and coalesce((details ->> 'resends')::int, 0) = $2
    ), '[]') as known,
    array(
      select c.email union
      select personal #>> '{email,before}' from audit_entries
      where customer_id = c.id and action = 'customer.updated' and personal ? 'email'
    ) as addresses,
    coalesce(
    (select personal #>> '{email,before}' from audit_entries
     where customer_id = c.id and action = 'customer.updated' and personal ? 'email'
       and occurred_at > coalesce(left_at, n.sent_at, n.updated_at)
     order by occurred_at limit 1),
    c.email) as email
  from notifications n join customers c on c.id = n.customer_id
  left join lateral (
    select attempted_at as left_at from notification_attempts
    where notification_id = n.id and outcome = 'accepted' and n.resends > $2
    order by id offset $2 limit 1
  ) mail on true
  where n.id = $1 and n.channel = 'email'
  for no key update of n`;

/** A delay is no failure yet; reports of fraud or "not spam" say nothing about the recipient's wish. */
function outcomeOf(report: MailReport): 'hard_bounce' | 'bounce' | 'complaint' | 'noted' {
  if (report.type === 'feedback') return report.feedbackType === 'abuse' ? 'complaint' : 'noted';
  if (report.action !== 'failed') return 'noted';
  return isGone(report.status, report.diagnostic) ? 'hard_bounce' : 'bounce';
}

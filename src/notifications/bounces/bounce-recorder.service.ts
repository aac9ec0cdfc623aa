import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { NotificationBounced } from '../../events/notification-facts.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Notification } from '../notification.entity.js';
import { AddressJudge } from '../suppressions/address-judge.service.js';
import type { MailReport } from './reports/mail-report.js';
import { conclusionOf, type Conclusion } from './report-conclusion.js';
import type { ReportedMail } from './reports/reported-mail.js';
import { findReportedMessage, type ReportedMessage } from './reported-message.queries.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** Records what a report says about a message, and what it means for the address. */
@Injectable()
export class BounceRecorder {
  constructor(
    private readonly judge: AddressJudge,
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @returns `unknown_message` if the report is not about one of our messages */
  record(report: MailReport, mail: ReportedMail): Promise<Conclusion['outcome'] | 'unknown_message'> {
    return inTransaction(this.dataSource, async (manager) => {
      const named = report.recipients.flatMap(({ addresses }) => addresses);
      const message = await findReportedMessage(manager, mail, named);
      if (!message) return 'unknown_message';
      const conclusion = conclusionOf(report, message.email, mail.cameToOwnAddress);
      const { outcome } = conclusion;
      const isRepeated = message.known.some(
        (known) => known.outcome === outcome && known.isOtherAddress === message.isOtherAddress,
      );
      if (outcome === 'noted' || isRepeated) return outcome;
      const unit = new UnitOfWork();
      await this.conclude(manager, message, conclusion, { resends: mail.resends, unit });
      await this.writer.write(manager, [unit]);
      return outcome;
    });
  }

  private async conclude(
    manager: EntityManager,
    message: ReportedMessage,
    { outcome, code, verdict }: Conclusion,
    { resends, unit }: { resends: number; unit: UnitOfWork },
  ): Promise<void> {
    const { id: notificationId, customer_id: customerId, email: address, isOtherAddress } = message;
    if (message.isLatest && !isOtherAddress) await this.mark(manager, notificationId, outcome);
    const details = { told: code, resends, isOtherAddress };
    const fact = new NotificationBounced(notificationId, customerId, outcome, details);
    this.facts.emit(fact, unit);
    const cause = { customerId, notificationId };
    if (verdict === 'complaint') await this.judge.recordComplaint(manager, address, cause, unit);
    else await this.judge.record(manager, { address, verdict, source: `dsn ${code}`.trim() }, cause, unit);
  }

  private async mark(manager: EntityManager, id: string, outcome: Conclusion['outcome']): Promise<void> {
    const changes =
      outcome === 'complaint'
        ? { reason: 'complaint' }
        : { status: 'failed' as const, reason: 'bounced', nextAttemptAt: null };
    const status = outcome === 'complaint' ? 'sent' : In(['sent', 'queued', 'held']);
    await manager.update(Notification, { id, status }, { ...changes, updatedAt: new Date() });
  }
}

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { MailReportKept, MailReportRemoved } from '../../../events/notification-facts.event.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { findPage } from '../../../platform/http/page.dto.js';
import { normaliseAddress } from '../../../platform/mail-address.js';
import { Notification } from '../../notification.entity.js';
import type { ReceivedMail } from '../reports/received-mail.js';
import type { ReportedMail } from '../reports/reported-mail.js';
import type {
  UnreadMailReportDetailDto,
  UnreadMailReportPageDto,
  UnreadMailReportsQuery,
  UnreadReason,
} from './unread-mail-report.dto.js';
import { UnreadMailReport } from './unread-mail-report.entity.js';
import { Facts } from '../../../platform/facts/facts.service.js';

const BODY_MAX = 65_536;
const ADDRESSES_MAX = 200;
const ADDRESS = /[^\s<>"'()[\],;:=]{1,64}@[^\s<>"'()[\],;:=]{1,255}/g;

/** Stores the reports of mail systems that could not be read, for operators. */
@Injectable()
export class UnreadMailReports {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Stores a report once, even if it is received repeatedly.
   * @param mail our message that the report names, if any
   */
  keep(raw: Buffer, received: ReceivedMail, reason: UnreadReason, mail: ReportedMail | null): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const message = mail && (await manager.findOneBy(Notification, { id: mail.notificationId }));
      const report = {
        id: uuidv7(),
        digest: createHash('sha256').update(raw).digest('hex'),
        reason,
        customerId: message?.customerId ?? null,
        notificationId: message?.id ?? null,
        sender: stored(received.from),
        subject: stored(received.subject),
        addresses: addressesIn(raw, received),
        body: stored(raw.subarray(0, BODY_MAX).toString('utf8')),
        receivedAt: new Date(),
      };
      const { raw: rows } = await manager
        .createQueryBuilder()
        .insert()
        .into(UnreadMailReport)
        .values(report)
        .orIgnore()
        .returning('id')
        .execute();
      if ((rows as unknown[]).length === 0) return;
      await this.facts.record(manager, new MailReportKept(report.id, report.customerId, reason));
    });
  }

  async list(query: UnreadMailReportsQuery): Promise<UnreadMailReportPageDto> {
    const where = query.reason ? { reason: query.reason } : {};
    const repository = this.dataSource.getRepository(UnreadMailReport);
    const page = await findPage(repository, query, where, ['body', 'addresses', 'digest']);
    return page as UnreadMailReportPageDto;
  }

  /** @throws DomainError mail_report_not_found */
  async get(id: string): Promise<UnreadMailReportDetailDto> {
    const report = await this.dataSource.manager.findOneBy(UnreadMailReport, { id });
    if (!report) throw new DomainError('mail_report_not_found', `No report ${id}`);
    const { digest: _digest, addresses: _addresses, ...detail } = report;
    return detail as UnreadMailReportDetailDto;
  }

  /**
   * Removes a report that an operator has dealt with.
   * @throws DomainError mail_report_not_found
   */
  async remove(id: string): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const report = await manager.findOneBy(UnreadMailReport, { id });
      if (!report) throw new DomainError('mail_report_not_found', `No report ${id}`);
      await manager.delete(UnreadMailReport, { id });
      await this.facts.record(manager, new MailReportRemoved(id, report.customerId));
    });
  }
}

/** PostgreSQL stores no NUL characters. */
function stored(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

/** The addresses by which an erasure finds the report. */
function addressesIn(raw: Buffer, { text, parts }: ReceivedMail): string[] {
  const decoded = [raw, ...parts.map(({ content }) => content)].map((part) => part.toString('utf8'));
  const found = stored([text, ...decoded].join('\n')).match(ADDRESS) ?? [];
  return [...new Set(found.map(normaliseAddress))].slice(0, ADDRESSES_MAX);
}

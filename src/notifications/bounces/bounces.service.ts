import { Injectable, Logger } from '@nestjs/common';
import { MailSettings } from '../email/mail.settings.js';
import { BounceRecorder } from './bounce-recorder.service.js';
import { type MailReport, readMailReport, type ReportProblem } from './reports/mail-report.js';
import type { Conclusion } from './report-conclusion.js';
import { isReplyOfPerson } from './reports/report-forms.js';
import { readReceivedMail, type ReceivedMail } from './reports/received-mail.js';
import { type ReportedMail, reportedMailIn, returnedMailIn } from './reports/reported-mail.js';
import { UnreadMailReports } from './unread/unread-mail-reports.service.js';

/** The result of a received mail. A mail that is not a report, or not about one of our messages, changes nothing. */
export type BounceOutcome = Conclusion['outcome'] | 'unknown_message' | ReportProblem;

/** Receives the reports of mail systems about our messages. A repeated report changes nothing. */
@Injectable()
export class BouncesService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly settings: MailSettings,
    private readonly recorder: BounceRecorder,
    private readonly unread: UnreadMailReports,
  ) {}

  /** @param raw a mail as received (RFC 5322) */
  async take(raw: Buffer): Promise<BounceOutcome> {
    const received = await readReceivedMail(raw);
    const parts = received?.parts ?? [];
    const mail = reportedMailIn(raw, parts, this.settings.bounceAddress);
    const report = received ? read(received, raw) : 'not_a_report';
    const outcome = typeof report === 'string' ? report : await this.record(report, mail);
    if (received && (outcome === 'malformed_report' || outcome === 'unreadable_report'))
      await this.unread.keep(raw, received, outcome, mail);
    this.logger.log({ event: 'mail report received', outcome, ...mail });
    return outcome;
  }

  private async record(report: MailReport, mail: ReportedMail | null): Promise<BounceOutcome> {
    return mail ? this.recorder.record(report, mail) : 'unknown_message';
  }
}

/**
 * Reads a report. A mail that returns one of our messages in an unknown form counts as a report that cannot
 * be read, unless it is an automatic reply of a person.
 */
function read(received: ReceivedMail, raw: Buffer): MailReport | ReportProblem {
  const report = readMailReport(received);
  const isUnknownForm =
    report === 'not_a_report' && !isReplyOfPerson(received) && returnedMailIn(raw, received.parts) !== null;
  return isUnknownForm ? 'unreadable_report' : report;
}

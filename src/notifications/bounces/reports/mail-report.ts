import { judgeAddress } from '../../evidence/address-verdict.js';
import { readDeliveryStatus } from './delivery-status.js';
import type { MailPart, ReceivedMail } from './received-mail.js';
import { refusedAtIn } from './refused-at.js';
import { addressesIn, fieldGroups } from './report-fields.js';
import { isComplaintForm, isDelayForm, isFailureForm, isReportForm } from './report-forms.js';
import { ownText, textBlocks } from './report-text.js';
import { type ReportedRecipient, firstCodeIn } from './reported-recipient.js';
import { readSesNotification } from './ses-notification.js';

/** What a report says about one of our messages. */
export type MailReport =
  | { type: 'delivery_status'; recipients: ReportedRecipient[] }
  | { type: 'feedback'; feedbackType: string; recipients: Pick<ReportedRecipient, 'addresses'>[] };

/** Why a mail cannot be used as a report. Operators have to look at mails with the last two reasons. */
export type ReportProblem = 'not_a_report' | 'malformed_report' | 'unreadable_report';

/**
 * Reads a delivery status notification (RFC 3464, RFC 6533), a feedback report (RFC 5965, "ARF"), or a report
 * of a mail system without such a part, which is recognised by its sender, subject and headers.
 */
export function readMailReport(mail: ReceivedMail): MailReport | ReportProblem {
  const status = contentOf(mail.parts, /^message\/(global-)?delivery-status$/);
  if (status !== undefined) return toDeliveryStatus(status, ownText(mail.text));
  const feedback = contentOf(mail.parts, /^message\/feedback-report$/);
  if (feedback !== undefined) return toFeedback(feedback);
  if (isComplaintForm(mail))
    return { type: 'feedback', feedbackType: 'abuse', recipients: [{ addresses: [] }] };
  const notified = readSesNotification(mail.text);
  if (notified) return { type: 'delivery_status', recipients: notified };
  return isReportForm(mail) ? toTextReport(mail) : 'not_a_report';
}

function contentOf(parts: readonly MailPart[], type: RegExp): string | undefined {
  return parts.find(({ contentType }) => type.test(contentType))?.content.toString('utf8');
}

function toDeliveryStatus(fields: string, text: string): MailReport | ReportProblem {
  const recipients = readDeliveryStatus(fields, text);
  return recipients ? { type: 'delivery_status', recipients } : 'malformed_report';
}

function toFeedback(text: string): MailReport | ReportProblem {
  const [fields] = fieldGroups(text);
  const feedbackType = fields?.get('feedback-type')?.toLowerCase();
  if (!feedbackType) return 'malformed_report';
  return {
    type: 'feedback',
    feedbackType,
    recipients: [{ addresses: addressesIn(fields, 'original-rcpt-to') }],
  };
}

/** Reads a report without a machine-readable part. Some mail systems write the fields into the text. */
function toTextReport(mail: ReceivedMail): MailReport | ReportProblem {
  const text = ownText(mail.text);
  if (/^final-recipient[ \t]*:/im.test(text)) return toDeliveryStatus(text, text);
  const isDelay = isDelayForm(mail, text);
  if (!isDelay && !isFailureForm(mail, text)) return 'unreadable_report';
  const blocks = textBlocks(text);
  const recipients = blocks.map(({ recipient, words }) => ({
    action: isDelay ? 'delayed' : 'failed',
    code: firstCodeIn(words),
    verdict: judgeAddress({ status: null, words, refusedAt: refusedAtIn(words), isFreeText: true }),
    addresses:
      blocks.length === 1 ? [...(recipient ? [recipient] : []), ...mail.failedRecipients] : [recipient ?? ''],
  }));
  return { type: 'delivery_status', recipients };
}

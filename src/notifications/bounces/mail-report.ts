import { simpleParser } from 'mailparser';

/** What a report says about one of our messages. */
export type MailReport =
  | { type: 'delivery_status'; action: string; status: string; diagnostic: string }
  | { type: 'feedback'; feedbackType: string };

/** Why a mail is no report that can be used. */
export type ReportProblem = 'not_a_report' | 'malformed_report';

const PARTS_MAX = 20;

/**
 * Reads a delivery status notification (RFC 3464, RFC 6533) or a feedback report (RFC 5965, "ARF"). Of several
 * recipients the first is taken: our messages have one.
 */
export async function readMailReport(raw: Buffer): Promise<MailReport | ReportProblem> {
  const mail = await simpleParser(raw, {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipImageLinks: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  }).catch(() => null);
  const parts = mail?.attachments.slice(0, PARTS_MAX) ?? [];
  const contentOf = (type: RegExp) =>
    parts.find(({ contentType }) => type.test(contentType))?.content.toString('utf8');
  const status = contentOf(/^message\/(global-)?delivery-status$/);
  if (status !== undefined) return toDeliveryStatus(status);
  const feedback = contentOf(/^message\/feedback-report$/);
  if (feedback !== undefined) return toFeedback(feedback);
  return 'not_a_report';
}

function toDeliveryStatus(text: string): MailReport | ReportProblem {
  const recipient = fieldGroups(text).find((fields) => fields.has('final-recipient') || fields.has('action'));
  const action = /^\w+/.exec(recipient?.get('action') ?? '')?.[0].toLowerCase() ?? '';
  const diagnostic = recipient?.get('diagnostic-code')?.replace(/^smtp; */i, '') ?? '';
  const status = statusOf(recipient?.get('status') ?? '', diagnostic);
  const isKnown = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'].includes(action);
  return isKnown && status ? { type: 'delivery_status', action, status, diagnostic } : 'malformed_report';
}

/** The enhanced code. Where it says nothing (`5.0.0`), what the server had told (`550-5.1.1 …`, `550 #5.1.0 …`) may say it. */
function statusOf(told: string, diagnostic: string): string | undefined {
  const status = /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(told)?.[1];
  if (!status?.endsWith('.0.0')) return status;
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(diagnostic)?.[1] ?? status;
}

function toFeedback(text: string): MailReport | ReportProblem {
  const feedbackType = fieldGroups(text)[0]?.get('feedback-type')?.toLowerCase();
  return feedbackType ? { type: 'feedback', feedbackType } : 'malformed_report';
}

/** Groups of header-like fields, parted by empty lines; names in lower case, folded lines joined. */
function fieldGroups(text: string): Map<string, string>[] {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n{2,}/)
    .map((group) => {
      const fields = group.split('\n').map((line) => /^([A-Za-z-]{1,64}):(.*)$/.exec(line));
      return new Map(
        fields.flatMap((field) => (field ? [[field[1]?.toLowerCase() ?? '', field[2]?.trim() ?? '']] : [])),
      );
    });
}

/** A notification's id, and how often it has been sent again. */
const MAIL_ID = String.raw`([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})(?:\.(\d{1,6}))?`;

/** Which of our mails a report is about. */
export interface ReportedMail {
  notificationId: string;
  /** How often the notification had been sent again before. */
  resends: number;
}

/**
 * The mail a report is about: the bounce address made for it (VERP), else the Message-ID of the returned message.
 * Looked for in the raw text, because reports return originals whole, in part or mangled.
 */
export function reportedMailIn(raw: Buffer, bounceAddress: string | undefined): ReportedMail | null {
  const text = raw.toString('latin1');
  const [local = '', domain = ''] = bounceAddress?.split('@') ?? [];
  const verp = new RegExp(`${escape(local)}\\+${MAIL_ID}@${escape(domain)}`, 'i');
  const messageId = new RegExp(`^Message-ID:\\s*<${MAIL_ID}@`, 'im');
  const [, id, resends] = (bounceAddress && verp.exec(text)) || messageId.exec(text) || [];
  return id ? { notificationId: id.toLowerCase(), resends: Number(resends ?? 0) } : null;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

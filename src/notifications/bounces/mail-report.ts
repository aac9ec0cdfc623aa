import { domainToASCII } from 'node:url';
import { type Attachment, simpleParser } from 'mailparser';

/** What a report says about one of our messages. */
export type MailReport = (
  | { type: 'delivery_status'; action: string; status: string; diagnostic: string }
  | { type: 'feedback'; feedbackType: string }
) & {
  /** The recipient as we had written it, and as the mail system calls it; as far as the report names them. */
  recipients: string[];
};

/** Why a mail is no report that can be used. */
export type ReportProblem = 'not_a_report' | 'malformed_report';

const PARTS_MAX = 20;

/** A part of a mail, decoded. */
type MailPart = Pick<Attachment, 'contentType' | 'content'>;

/** The parts of a mail but its texts; none of what is no mail. */
export async function partsOf(raw: Buffer): Promise<MailPart[]> {
  const mail = await simpleParser(raw, {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipImageLinks: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  }).catch(() => null);
  return mail?.attachments.slice(0, PARTS_MAX) ?? [];
}

/**
 * Reads a delivery status notification (RFC 3464, RFC 6533) or a feedback report (RFC 5965, "ARF"). Of several
 * recipients the first is taken: our messages have one.
 */
export function readMailReport(parts: readonly MailPart[]): MailReport | ReportProblem {
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
  if (!isKnown || !status) return 'malformed_report';
  const recipients = addressesIn(recipient, 'original-recipient', 'final-recipient');
  return { type: 'delivery_status', action, status, diagnostic, recipients };
}

/** The enhanced code. Where it says nothing (`5.0.0`), what the server had told (`550-5.1.1 …`, `550 #5.1.0 …`) may say it. */
function statusOf(told: string, diagnostic: string): string | undefined {
  const status = /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(told)?.[1];
  if (!status?.endsWith('.0.0')) return status;
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(diagnostic)?.[1] ?? status;
}

function toFeedback(text: string): MailReport | ReportProblem {
  const [fields] = fieldGroups(text);
  const feedbackType = fields?.get('feedback-type')?.toLowerCase();
  if (!feedbackType) return 'malformed_report';
  return { type: 'feedback', feedbackType, recipients: addressesIn(fields, 'original-rcpt-to') };
}

/** `rfc822; ada@example.com`, `<ada@example.com>` */
function addressesIn(fields: ReadonlyMap<string, string> | undefined, ...names: string[]): string[] {
  const told = names.map((name) =>
    fields
      ?.get(name)
      ?.replace(/^[\w-]+ *; */, '')
      .replace(/^<(.*)>$/, '$1'),
  );
  return told.filter((address) => address !== undefined && address.includes('@')) as string[];
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
 * Looked for in the raw text, because reports return originals whole, in part or mangled, and in the decoded parts.
 */
export function reportedMailIn(
  raw: Buffer,
  parts: readonly MailPart[],
  bounceAddress: string | undefined,
): ReportedMail | null {
  const text = [raw, ...parts.map(({ content }) => content)]
    .map((part) => part.toString('latin1'))
    .join('\n');
  const [local = '', domain = ''] = bounceAddress?.split('@') ?? [];
  const spelled = [domainToASCII(domain), Buffer.from(domain).toString('latin1')].map(escape).join('|');
  const verp = new RegExp(`${escape(local)}\\+${MAIL_ID}@(?:${spelled})`, 'i');
  const messageId = new RegExp(`^Message-ID:\\s*<${MAIL_ID}@`, 'im');
  const [, id, resends] = (bounceAddress && verp.exec(text)) || messageId.exec(text) || [];
  return id ? { notificationId: id.toLowerCase(), resends: Number(resends ?? 0) } : null;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

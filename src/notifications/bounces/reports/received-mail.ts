import type { Attachment, HeaderValue } from 'mailparser';

const PARTS_MAX = 20;
const TEXT_MAX = 64_000;

/** A decoded part of a mail. */
export type MailPart = Pick<Attachment, 'contentType' | 'content'>;

/** The parts of a received mail that reports are read from. */
export interface ReceivedMail {
  /** All parts except the plain texts. */
  parts: readonly MailPart[];
  /** The plain texts in order, with `\n` as line ends. */
  text: string;
  /** Address of `From`, in lower case. Empty if there is none. */
  from: string;
  subject: string;
  /** Whether it has the null sender, `Return-Path: <>`, and so expects no answer (RFC 5321 4.5.5). */
  hasNullSender: boolean;
  /**
   * Whether its headers say that it is an automatic reply (RFC 3834). Reports of some mail systems have them,
   * too.
   */
  isAutomaticReply: boolean;
  /** Addresses of `X-Failed-Recipients`, as Exim writes them. */
  failedRecipients: string[];
  /** `delivery-status` or `feedback-report`. Empty if the mail is not a `multipart/report`. */
  reportType: string;
}

/** Returns null if the bytes are not a mail. */
export async function readReceivedMail(raw: Buffer): Promise<ReceivedMail | null> {
  // Imported with the first mail: the parser takes a tenth of the CPU time of a start.
  const { simpleParser } = await import('mailparser');
  const mail = await simpleParser(raw, {
    keepDeliveryStatus: true,
    maxHtmlLengthToParse: 100_000,
    skipImageLinks: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  }).catch(() => null);
  if (!mail) return null;
  const header = (name: string) => textOf(mail.headers.get(name));
  const { value: type, params } = (mail.headers.get('content-type') ?? {}) as {
    value?: string;
    params?: Record<string, string>;
  };
  return {
    parts: mail.attachments.slice(0, PARTS_MAX),
    text: (mail.text ?? '').replaceAll('\r\n', '\n').slice(0, TEXT_MAX),
    from: (mail.from?.value[0]?.address ?? '').toLowerCase(),
    subject: mail.subject ?? '',
    hasNullSender: /^<?>?$/.test(header('return-path').trim()) && mail.headers.has('return-path'),
    isAutomaticReply:
      /^auto-replied\b/i.test(header('auto-submitted').trim()) ||
      /^auto[_-]?reply\b/i.test(header('precedence').trim()) ||
      ['x-autoreply', 'x-autorespond'].some((name) => mail.headers.has(name)),
    failedRecipients: header('x-failed-recipients')
      .split(/[\s,]+/)
      .filter((address) => address.includes('@')),
    reportType: type === 'multipart/report' ? (params?.['report-type'] ?? 'unknown').toLowerCase() : '',
  };
}

function textOf(value: HeaderValue | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one: unknown) => String(one)).join(',');
  return value && 'text' in value && typeof value.text === 'string' ? value.text : '';
}

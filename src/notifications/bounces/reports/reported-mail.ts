import { domainToASCII } from 'node:url';
import type { MailPart } from './received-mail.js';

/** A notification's id, and how often it has been sent again. */
const MAIL_ID = String.raw`([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})(?:\.(\d{1,6}))?`;

/** The mail that a report is about. */
export interface ReportedMail {
  notificationId: string;
  /** How often the notification had been sent again before. */
  resends: number;
  /** Whether the report was addressed to the bounce address of this mail (VERP). */
  cameToOwnAddress: boolean;
}

/**
 * Finds the mail that a report is about: by the bounce address made for the mail (VERP), otherwise by the
 * Message-ID of the returned message. Searches the raw text and the decoded parts, because reports return
 * originals whole, in part or mangled.
 */
export function reportedMailIn(
  raw: Buffer,
  parts: readonly MailPart[],
  bounceAddress: string | undefined,
): ReportedMail | null {
  const text = textOf(raw, parts);
  const [local = '', domain = ''] = bounceAddress?.split('@') ?? [];
  const spelled = [domainToASCII(domain), Buffer.from(domain).toString('latin1')].map(escape).join('|');
  const verp = new RegExp(`${escape(local)}\\+${MAIL_ID}@(?:${spelled})`, 'i');
  const found = (bounceAddress && verp.exec(text)) || MESSAGE_ID.exec(text);
  return toMail(found, Boolean(bounceAddress) && verp.test(headOf(raw)));
}

/** Finds one of our mails that is returned with a mail. The reply of a person only refers to it. */
export function returnedMailIn(raw: Buffer, parts: readonly MailPart[]): ReportedMail | null {
  return toMail(MESSAGE_ID.exec(textOf(raw, parts)), false);
}

const MESSAGE_ID = new RegExp(`^Message-ID:\\s*<${MAIL_ID}@`, 'im');

function textOf(raw: Buffer, parts: readonly MailPart[]): string {
  return [raw, ...parts.map(({ content }) => content)].map((part) => part.toString('latin1')).join('\n');
}

/** The headers of the report itself. */
function headOf(raw: Buffer): string {
  const text = raw.toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? text : text.slice(0, end);
}

function toMail(found: RegExpExecArray | null, cameToOwnAddress: boolean): ReportedMail | null {
  const [, id, resends] = found ?? [];
  return id ? { notificationId: id.toLowerCase(), resends: Number(resends ?? 0), cameToOwnAddress } : null;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

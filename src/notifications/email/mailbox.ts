import { normaliseAddress } from '../../platform/mail-address.js';

/** Whether only a server with SMTPUTF8 takes it: punycode exists for domains alone. */
export function needsSmtpUtf8(address: string): boolean {
  return /[^ -~]/.test(address.slice(0, address.lastIndexOf('@')));
}

/** The domains of one provider, to whom dots mean nothing. */
const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address leads to, as far as one can tell from outside: `ada+x@…` is the mailbox of
 * `ada@…` nearly everywhere. For counting alone: nothing is ever sent to it.
 */
export function mailboxOf(address: string): string {
  const normal = normaliseAddress(address);
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  const local = normal.slice(0, at).replace(/(?<=.)\+.*$/s, '');
  return GMAIL.has(domain) ? `${local.replaceAll('.', '')}@gmail.com` : `${local}@${domain}`;
}

import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail } from 'class-validator';
import { type FindOperator, Raw } from 'typeorm';
import { withoutInvisible } from './visible-text.js';

/** Blanks other than the space, which is valid between quotes. They look the same to a reader. */
const BLANK = /(?! )[\p{Z}\u2800]/u;

/** Whether a text, without its invisible characters, is a mail address. */
export function isMailAddress(text: string): boolean {
  return isEmail(text) && !BLANK.test(text);
}

/**
 * The one spelling under which an address is compared: lower case, NFC, without needless quotes (`"ada"@…` is
 * `ada@…`, RFC 5321 4.1.2), without invisible characters, the domain in punycode. In practice `Ada@example.com` and
 * `ada@example.com` belong to one person.
 */
export function normaliseAddress(given: string): string {
  const address = withoutInvisible(given);
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  return `${unquoted(address.slice(0, at)).normalize('NFC').toLowerCase()}@${domainToASCII(domain) || domain}`;
}

/** A possible address, normalised with {@link normaliseAddress}; other text trimmed and in lower case. */
export function comparable(text: string): string {
  const trimmed = withoutInvisible(text).trim();
  return trimmed.includes('@') ? normaliseAddress(trimmed) : trimmed.toLowerCase();
}

/** The local part without needless quotes and escapes. */
function unquoted(local: string): string {
  if (!/^".*"$/s.test(local)) return local;
  const content = local.slice(1, -1).replace(/\\(.)/gs, '$1');
  const needsNoQuotes = /^[^\s"(),:;<>@[\\\].]+(\.[^\s"(),:;<>@[\\\].]+)*$/.test(content);
  return needsNoQuotes ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * All spellings in which a mail address may be stored: unchanged, without invisible characters, in lower case (also with
 * only ASCII letters lowered, as some databases do), and normalised; each with its domain unchanged, in punycode (as in
 * browsers and our own lists) and in Unicode (as from people and Stripe); composed and decomposed.
 */
export function spellingsOf(given: string): string[] {
  const address = withoutInvisible(given);
  const written = [
    given,
    address,
    address.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase()),
    address.normalize('NFC').toLowerCase(),
    comparable(address),
  ];
  const domains = [(domain: string) => domain, domainToASCII, domainToUnicode];
  const spelled = written.flatMap((text) =>
    domains.map((spell) => text.replace(/(?<=@)[^@]*$/, (domain) => spell(domain) || domain)),
  );
  // Some databases lower only the ASCII letters.
  const half = spelled.map((text) => text.replace(/[^\0-\x7f]+/g, (letters) => letters.toUpperCase()));
  const composed = [...spelled, ...half];
  return [...new Set([...composed, ...composed.map((text) => text.normalize('NFD'))])];
}

/**
 * For the `where` of a search: the rows whose column holds the address in any spelling, with any collation of
 * the database. Indexed as `lower(column collate "C")`.
 */
export function inAnySpelling(address: string): FindOperator<string> {
  return Raw((column) => `lower(${column} collate "C") = any(:spellings)`, {
    spellings: spellingsOf(address),
  });
}

/** Whether the address needs a server with SMTPUTF8. Punycode exists only for domains. */
export function needsSmtpUtf8(address: string): boolean {
  return /[^ -~]/.test(address.slice(0, address.lastIndexOf('@')));
}

/** The domains of a provider that ignores dots in the local part. */
const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/**
 * The probable mailbox of an address: nearly everywhere `ada+x@…` is the mailbox of `ada@…`. Used only for
 * counting; no mail is sent to it.
 */
export function mailboxOf(address: string): string {
  const normal = normaliseAddress(address);
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  const local = normal.slice(0, at).replace(/(?<=.)\+.*$/s, '');
  return GMAIL.has(domain) ? `${local.replaceAll('.', '')}@gmail.com` : `${local}@${domain}`;
}

/** The domain of that mailbox. */
export function mailDomainOf(address: string): string {
  const mailbox = mailboxOf(address);
  return mailbox.slice(mailbox.lastIndexOf('@') + 1);
}

import { isBlank } from './message-content.js';

const MAX_LENGTH = 80;
/** What mail programs make a link of: `https://…`, `www.…`, `mailto:…`, `example.com/…`, `192.0.2.1:80`. */
const LINK = /:\/\/|\bhttps?:|\bwww\.|mailto:|[\p{L}\p{N}]\.([\p{L}\p{N}-]{2,}|\d+)[/:?#]/iu;

/**
 * A name as one line of visible characters; null when nothing is left of it, or when it is a link: ours would
 * be the mail that takes a stranger's advertisement to whomever they chose.
 */
export function displayName(name: string | null): string | null {
  if (name && LINK.test(name)) return null;
  const line = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return isBlank(line) ? null : withoutEncodedWords([...line].slice(0, MAX_LENGTH).join('').trim());
}

/**
 * A text for a header. `=?utf-8?q?…?=` is plain ASCII, so it would be sent as it is, and the mail program
 * would decode it: to a line break, or a name turned round.
 */
export function withoutEncodedWords(text: string): string {
  return text.replaceAll('=?', '= ?');
}

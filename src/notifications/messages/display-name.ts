import { withoutFormatting, withoutJoiners } from '../../platform/visible-text.js';
import { isBlank } from './content/message-content.js';

const MAX_LENGTH = 80;
/** Texts that mail programs turn into links: `https://…`, `www.…`, `mailto:…`, `example.com/…`, `192.0.2.1:80`. */
const LINK = /:\/\/|\bhttps?:|\bwww\.|mailto:|[\p{L}\p{N}]\.([\p{L}\p{N}-]{2,}|\d+)[/:?#]/iu;

/**
 * A name as one line of visible characters, with the joiners inside its words. Null if nothing is left, or if
 * the name contains a link: otherwise a stranger could use the name to send advertisements in our mails.
 */
export function displayName(name: string | null): string | null {
  const line = withoutFormatting((name ?? '').replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' '));
  if (isBlank(line) || LINK.test(withoutJoiners(line))) return null;
  const short = [...line.trim()].slice(0, MAX_LENGTH).join('');
  return withoutEncodedWords(withoutFormatting(short).trim());
}

/**
 * A text for a header. `=?utf-8?q?…?=` is plain ASCII, so it would be sent unchanged, and the mail program
 * would decode it: to a line break, for example, or to a name in reverse order.
 */
export function withoutEncodedWords(text: string): string {
  return text.replaceAll('=?', '= ?');
}

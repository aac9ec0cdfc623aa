const MAX_LENGTH = 80;

/** A name as one line of visible characters; null when nothing is left of it. */
export function displayName(name: string | null): string | null {
  const line = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return withoutEncodedWords([...line].slice(0, MAX_LENGTH).join('').trim()) || null;
}

/**
 * A text for a header. `=?utf-8?q?…?=` is plain ASCII, so it would be sent as it is, and the mail program
 * would decode it: to a line break, or a name turned round.
 */
export function withoutEncodedWords(text: string): string {
  return text.replaceAll('=?', '= ?');
}

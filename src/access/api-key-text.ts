import { createHash, randomBytes } from 'node:crypto';

/** Keys begin with this mark, so that people and secret scanners recognise them. */
const MARK = 'mok';
const PATTERN = new RegExp(`^${MARK}_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$`);

/** A new key: the mark, a 48-bit prefix that identifies it, and a 256-bit secret. */
export function makeKey(): { key: string; prefix: string; digest: string } {
  const prefix = `${MARK}_${randomBytes(6).toString('hex')}`;
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, digest: digestOf(key) };
}

/** The prefix of a key; null if the text is not a key. */
export function prefixOf(key: string): string | null {
  return PATTERN.test(key) ? key.split('_').slice(0, 2).join('_') : null;
}

export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

import { createHash, randomBytes } from 'node:crypto';

/** Keys are recognised by it: by people, and by scanners for leaked secrets. */
const MARK = 'mok';
const PATTERN = new RegExp(`^${MARK}_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$`);

/** A new key: mark, 48 bits that tell it apart, 256 bits that open. */
export function makeKey(): { key: string; prefix: string; digest: string } {
  const prefix = `${MARK}_${randomBytes(6).toString('hex')}`;
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, digest: digestOf(key) };
}

/** What a key begins with; null for what is none. */
export function prefixOf(key: string): string | null {
  return PATTERN.test(key) ? key.split('_').slice(0, 2).join('_') : null;
}

export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

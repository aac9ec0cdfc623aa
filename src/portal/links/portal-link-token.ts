import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^pl_[A-Za-z0-9_-]{43}$/;

/** Makes a token of 256 random bits. The log and secret scanners recognise it by its prefix. */
export function newToken(): string {
  return `pl_${randomBytes(32).toString('base64url')}`;
}

/**
 * The hash of a token, which may be stored; null if the text is not a token. A fast hash is enough: 256
 * random bits cannot be guessed.
 */
export function hashOfToken(token: string): string | null {
  return TOKEN.test(token) ? createHash('sha256').update(token).digest('base64url') : null;
}

import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^pl_[A-Za-z0-9_-]{43}$/;

/** 256 random bits. The prefix lets the log, and secret scanners, know one when they see it. */
export function newToken(): string {
  return `pl_${randomBytes(32).toString('base64url')}`;
}

/** What of a token may be stored; null for what is no token. A slow hash would protect nothing: there is nothing to guess. */
export function hashOfToken(token: string): string | null {
  return TOKEN.test(token) ? createHash('sha256').update(token).digest('base64url') : null;
}

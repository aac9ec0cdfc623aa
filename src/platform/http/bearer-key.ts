import { createHash, timingSafeEqual } from 'node:crypto';

/** A key that requests show as `Authorization: Bearer <key>`; compared in constant time. */
export class BearerKey {
  private readonly expected: Buffer;

  constructor(key: string) {
    this.expected = digest(key);
  }

  isShownBy({ headers: { authorization = '' } }: { headers: { authorization?: string } }): boolean {
    return this.is(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
  }

  is(key: string): boolean {
    return timingSafeEqual(digest(key), this.expected);
  }
}

/** Digests have one length, so that the comparison tells nothing about the key's. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MessageLinkSettings } from './message-link.settings.js';

/** The name of the key (6 characters), the id (16 bytes), the signature (32 bytes): all base64url. */
const TOKEN = /^ml_([\w-]{6})([\w-]{22})([\w-]{43})$/;

/**
 * Tokens for links that need not be stored: an id, signed for one purpose. They do not expire, because the
 * link in a message of years ago must still unsubscribe; they end with their key. The newest key signs, every
 * key in use verifies. The log and secret scanners recognise the prefix.
 */
@Injectable()
export class SignedTokens {
  private readonly keys: ReadonlyMap<string, string>;
  private readonly newest: string;

  constructor({ signingKeys }: MessageLinkSettings) {
    this.keys = new Map(signingKeys.map((key) => [nameOf(key), key]));
    this.newest = nameOf(signingKeys[0] ?? '');
  }

  /** @param id a UUID */
  sign(purpose: string, id: string): string {
    const subject = Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
    return `ml_${this.newest}${subject}${this.signatureOf(purpose, subject, this.newest)}`;
  }

  /** The id; null for a token that was not signed for this purpose. */
  verify(purpose: string, token: string): string | null {
    const [, key = '', subject = '', shown = ''] = TOKEN.exec(token) ?? [];
    if (!this.keys.has(key)) return null;
    const signature = this.signatureOf(purpose, subject, key);
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(shown))) return null;
    const hex = Buffer.from(subject, 'base64url').toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  private signatureOf(purpose: string, subject: string, key: string): string {
    return createHmac('sha256', this.keys.get(key) ?? '')
      .update(`message link\n${purpose}\n${subject}`)
      .digest('base64url');
  }
}

/** The name of a key is a digest, so that old links do not depend on the order of the configured keys. */
function nameOf(key: string): string {
  return createHash('sha256').update(`name of ${key}`).digest('base64url').slice(0, 6);
}

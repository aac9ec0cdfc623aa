import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from './secret-keys.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A stored secret: version, id of the key, and iv, tag and cipher text in base64url. */
const SEALED = /^v1:([a-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/;

/** A stored secret cannot be read. */
export class SecretUnreadable extends Error {}

/**
 * Encrypts a secret.
 * @param purpose what it is for. It cannot be decrypted for anything else, so that a row cannot be copied to another one.
 */
export function seal(secret: string, purpose: string, { id, key }: SecretKey): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(purpose));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `v1:${id}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
}

/** @throws SecretUnreadable if its key is missing, or it was changed */
export function unseal(sealed: string, purpose: string, keys: readonly SecretKey[]): string {
  const id = keyIdOf(sealed);
  const found = keys.find((key) => key.id === id);
  if (!found) throw new SecretUnreadable(`SECRETS_KEYS has no key ${id ?? 'for a secret of unknown form'}`);
  const bytes = Buffer.from(SEALED.exec(sealed)?.[2] ?? '', 'base64url');
  const decipher = createDecipheriv(CIPHER, found.key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new SecretUnreadable(`The secret for ${purpose} was changed`, { cause });
  }
}

/** The key that a stored secret was encrypted with; null if it is none. */
export function keyIdOf(sealed: string): string | null {
  return SEALED.exec(sealed)?.[1] ?? null;
}

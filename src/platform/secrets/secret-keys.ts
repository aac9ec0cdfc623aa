import type { Rule } from '../settings/rule.js';

/** A key of AES-256 with its id. */
export interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

const KEY_BYTES = 32;

/** `2026a:<base64>,…`: 32 bytes each. */
export const secretKeyRing: Rule<readonly SecretKey[]> = {
  must: 'must be id:key, separated by commas, each key 32 random bytes in base64 (openssl rand -base64 32), each id once',
  read(given) {
    const keys = given.split(',').map((item) => {
      const [, id = '', encoded = ''] = /^([a-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(item) ?? [];
      return { id, key: Buffer.from(encoded, 'base64') };
    });
    const isValid = keys.every(({ key }) => key.length === KEY_BYTES && new Set(key).size > 8);
    const areUnique = new Set(keys.map(({ id }) => id)).size === keys.length;
    return isValid && areUnique ? keys : undefined;
  },
};

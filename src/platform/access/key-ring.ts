import type { Caller } from '../caller.js';

/** The owner of a key. */
export interface KeyHolder extends Caller {
  /** Whether the key may only manage keys. */
  onlyManagesKeys: boolean;
}

/** Why a key is refused. */
export type KeyRefusal = 'missing' | 'wrong' | 'expired' | 'revoked';

/** All keys. The module `access` provides them. */
export abstract class KeyRing {
  /** @throws if the database is needed and not available */
  abstract identify(key: string): Promise<KeyHolder | Exclude<KeyRefusal, 'missing'>>;
}

import type { Caller } from './caller.js';

/** Whom a key belongs to. */
export interface KeyHolder extends Caller {
  /** May manage keys, and nothing else. */
  onlyManagesKeys: boolean;
}

/** Why a key opens nothing. */
export type KeyRefusal = 'missing' | 'wrong' | 'expired' | 'revoked';

/** All keys there are. Provided by the feature `access`. */
export abstract class KeyRing {
  /** @throws when the database is needed and cannot be asked */
  abstract identify(key: string): Promise<KeyHolder | Exclude<KeyRefusal, 'missing'>>;
}

import { createHash } from 'node:crypto';
import type { AuditSeal } from './audit-seal.entity.js';
import { canonicalJson } from '../canonical-json.js';

/** The end of a chain, which may be empty. */
export type ChainEnd = Pick<AuditSeal, 'id' | 'lastPosition' | 'hash'>;

/** The end of an empty chain. */
export const START: ChainEnd = { id: 0, lastPosition: 0, hash: '0'.repeat(64) };

export function hashOfEntries(entryDigests: Buffer): string {
  return createHash('sha256').update(entryDigests).digest('hex');
}

/** The correct `hash`. */
export function hashOfSeal(seal: Omit<AuditSeal, 'hash' | 'entryDigests'>): string {
  const { id, firstPosition, lastPosition, entryCount, entriesHash, previousHash, sealedAt } = seal;
  const sealed = { id, firstPosition, lastPosition, entryCount, entriesHash, previousHash };
  return createHash('sha256')
    .update(canonicalJson({ ...sealed, sealedAt: sealedAt.toISOString() }))
    .digest('hex');
}

import { createHash, randomBytes } from 'node:crypto';
import type { AuditEntry } from './audit-entry.entity.js';
import { canonicalJson } from './canonical-json.js';

type PersonalPart = Pick<AuditEntry, 'personal' | 'personalSalt' | 'personalDigest'>;

/** The personal part of an entry without personal values. */
export const NOTHING_PERSONAL: PersonalPart = { personal: null, personalSalt: null, personalDigest: null };

/**
 * The personal part of an entry. Only the digest is sealed, so that the values can be erased and the chain
 * stays valid. Without the salt, guessed values cannot be compared with the digest.
 */
export function personalValues(values: Record<string, unknown>): PersonalPart {
  const personalSalt = randomBytes(16).toString('hex');
  return { personal: values, personalSalt, personalDigest: digestOfPersonal(personalSalt, values) };
}

/** The correct `personalDigest`. */
export function digestOfPersonal(salt: string, values: Record<string, unknown>): string {
  return createHash('sha256')
    .update(`${salt}${canonicalJson(values)}`)
    .digest('hex');
}

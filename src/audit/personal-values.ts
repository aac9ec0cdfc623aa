import { createHash, randomBytes } from 'node:crypto';
import type { AuditEntry } from './audit-entry.entity.js';
import { canonicalJson } from './seals/canonical-json.js';

type PersonalPart = Pick<AuditEntry, 'personal' | 'personalSalt' | 'personalDigest'>;

/** Of an entry without personal values. */
export const NOTHING_PERSONAL: PersonalPart = { personal: null, personalSalt: null, personalDigest: null };

/**
 * Personal values of an entry. Only their digest is sealed, so that they can be erased and the chain still
 * holds; with the salt gone, nobody can try values against the digest.
 */
export function personalValues(values: Record<string, unknown>): PersonalPart {
  const personalSalt = randomBytes(16).toString('hex');
  return { personal: values, personalSalt, personalDigest: digestOfPersonal(personalSalt, values) };
}

/** What `personalDigest` must be. */
export function digestOfPersonal(salt: string, values: Record<string, unknown>): string {
  return createHash('sha256')
    .update(`${salt}${canonicalJson(values)}`)
    .digest('hex');
}

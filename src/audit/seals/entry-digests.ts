import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit-entry.entity.js';
import { canonicalJson } from '../canonical-json.js';

/** An entry with its sealed content and its other columns. */
export interface SealedEntry extends Pick<AuditEntry, 'id' | 'personal' | 'personalSalt' | 'personalDigest'> {
  position: number;
  /** All columns by name, except the two that may be erased. */
  content: Record<string, unknown>;
}

const ENTRIES_PER_PAGE = 1000;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const POSITION_BYTES = 8;
const RECORD_BYTES = POSITION_BYTES + 32;

/** The entries from one position to another, both included, in order. One page is in memory at a time. */
export async function* readEntries(
  manager: EntityManager,
  first: number,
  last: number,
): AsyncGenerator<SealedEntry> {
  let after = { position: first - 1, id: LAST_ID };
  for (;;) {
    const rows: (SealedEntry & { position: string | number })[] = await manager.query(ENTRIES, [
      after.position,
      after.id,
      last,
      ENTRIES_PER_PAGE,
    ]);
    const entries = rows.map((row) => ({ ...row, position: Number(row.position) }));
    yield* entries;
    if (entries.length < ENTRIES_PER_PAGE) return;
    after = entries.at(-1) ?? after;
  }
}

/**
 * Sorted by position and id, so that two entries at one position, which the index forbids, are both read. The
 * columns come from PostgreSQL, so that an older release also seals the columns of a newer one. Null columns
 * are left out, so that a new column changes no digest.
 */
const ENTRIES = `
  select position, id, personal, personal_salt as "personalSalt", personal_digest as "personalDigest",
    to_jsonb(entry) - array['personal', 'personal_salt'] || jsonb_build_object('occurred_at',
      to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as content
  from audit_entries entry
  where (position, id) > ($1, $2::uuid) and position <= $3
  order by position, id
  limit $4`;

/** SHA-256 of the canonical JSON of an entry's columns. */
export function digestOf({ content }: SealedEntry): Buffer {
  const columns = Object.entries(content).filter(([, value]) => value !== null);
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(columns)))
    .digest();
}

/** The record of one entry in a seal: its position (8 bytes, big-endian) and its digest (32 bytes). */
export function toRecord(entry: SealedEntry): Buffer {
  const position = Buffer.alloc(POSITION_BYTES);
  position.writeBigInt64BE(BigInt(entry.position));
  return Buffer.concat([position, digestOf(entry)]);
}

/** Reads the records of a seal. */
export function* toPositionsAndDigests(records: Buffer): Generator<{ position: number; digest: Buffer }> {
  for (let at = 0; at + RECORD_BYTES <= records.length; at += RECORD_BYTES) {
    const digest = records.subarray(at + POSITION_BYTES, at + RECORD_BYTES);
    yield { position: Number(records.readBigInt64BE(at)), digest };
  }
}

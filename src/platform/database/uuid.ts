import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES_PER_ID = 16;
const pool = new Uint8Array(512 * BYTES_PER_ID);
let used = pool.length;

let lastMsecs = 0;
let seq = 0;

/**
 * A UUID v7: ids made later in this process sort later. The library fetches randomness for 16 ids at a
 * time, which took 6.5 % of the service's CPU time under load; this fetches it for 512.
 */
export function uuidv7(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, (used += BYTES_PER_ID));
  const now = Date.now();
  if (now > lastMsecs) {
    lastMsecs = now;
    seq = 0;
  }
  seq += 1;
  return v7({ random, msecs: lastMsecs, seq });
}

/** The smallest UUID v7 of a moment: ids are in the order of time, so the primary key finds a time. */
export function smallestUuidOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

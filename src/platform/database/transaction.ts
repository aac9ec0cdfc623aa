import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { databaseFaultOf } from './database-fault.js';

const ATTEMPTS = 4;
const RETRY_JITTER_MS = 25;

/** Runs `work` in a transaction and commits it; all of it again after a conflict. */
export function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return againAfterConflict(() => dataSource.transaction(work));
}

/**
 * Runs `work`, and after a conflict (serialisation failure, deadlock, a unique race) the whole of it
 * again, its reads included: at most three times, jittered.
 */
export async function againAfterConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || databaseFaultOf(error) !== 'conflict') throw error;
      await sleep(Math.random() * RETRY_JITTER_MS * attempt);
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { databaseFaultOf } from './database-fault.js';

const ATTEMPTS = 4;
const RETRY_JITTER_MS = 25;

/** Runs `work` in a transaction and commits it. After a conflict, all of it runs again. */
export function inTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return againAfterConflict(() => dataSource.transaction(work));
}

/**
 * Runs `work` again after a conflict (serialisation failure, deadlock, a unique race), reads included: at
 * most three times, with jitter. The first attempt is number 1.
 */
export async function againAfterConflict<T>(work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt === ATTEMPTS || databaseFaultOf(error) !== 'conflict') throw error;
      await sleep(Math.random() * RETRY_JITTER_MS * attempt);
    }
  }
}

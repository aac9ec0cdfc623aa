import type { EntityManager } from 'typeorm';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import {
  FORGET_IN_JOBS,
  JOB_UNDER_WAY,
  REMOVE_JOBS,
  REMOVE_LATER_JOBS,
  WITHDRAW_FROM_JOBS,
} from './engine.queries.js';

/** Removes the payloads with one of the texts from all jobs. A running job has read its payloads already. */
export function forgetInJobs(texts: readonly string[], unit: UnitOfWork): void {
  for (const text of texts) {
    unit.execute(FORGET_IN_JOBS, { text });
    unit.execute(REMOVE_JOBS, { text });
  }
}

/** Removes payloads that hold the text from jobs that wait for a later time. */
export async function withdrawFromJobs(manager: EntityManager, text: string): Promise<void> {
  for (const statement of [WITHDRAW_FROM_JOBS, REMOVE_LATER_JOBS])
    await manager.query(statement, [JSON.stringify([{ text }])]);
}

/** Whether a job that runs, or is due, holds the text. */
export async function isInRunningJob(manager: EntityManager, text: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(JOB_UNDER_WAY, [text]);
  return rows.length > 0;
}

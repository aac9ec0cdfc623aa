import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from './bench-database.js';

const POLL_MS = 100;

/** Runs a job in the worker of this database, and waits for its end. @throws when it failed */
export async function runJob(database: BenchDatabase, identifier: string): Promise<void> {
  await database.query(`select graphile_worker.add_job($1, '{}', job_key := 'measured', max_attempts := 1)`, [
    identifier,
  ]);
  for (;;) {
    const { rows } = await database.query(
      `select last_error from graphile_worker.jobs where key = 'measured'`,
    );
    if (rows.length === 0) return;
    if (rows[0].last_error) throw new Error(rows[0].last_error);
    await sleep(POLL_MS);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from '../../bench-database.js';

const POLL_MS = 200;

/** Makes all retries due now, and waits until each message has been tried. */
export async function retryNow(database: BenchDatabase): Promise<void> {
  await database.query('update notification_channel_states set paused_until = now()');
  await database.query(`update graphile_worker._private_jobs set run_at = now() where locked_at is null`);
  while ((await database.count(`graphile_worker.jobs where run_at <= now()`)) > 0) await sleep(POLL_MS);
}

/** Waits until no message is queued. */
export async function untilDelivered(database: BenchDatabase): Promise<void> {
  while ((await database.count(`notifications where status = 'queued'`)) > 0) await sleep(POLL_MS);
}

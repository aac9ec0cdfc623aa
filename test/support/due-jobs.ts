import type { TestDatabase } from './test-database.js';

/** Lets the time pass for which notifications, channels and jobs wait: everything is due now. */
export async function makeEverythingDue(database: TestDatabase): Promise<void> {
  await database.rows('update notification_channel_states set paused_until = now()');
  await database.rows('update graphile_worker._private_jobs set run_at = now() where run_at > now()');
}

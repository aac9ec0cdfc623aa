import { presentTraceparent } from '../tracing/tracing.js';
import type { EnqueuedJob } from './unit-of-work.js';

/** Payloads of one task share a job, so that a batch of events costs few job rows. */
const PAYLOADS_PER_JOB = 20;

/** The engine's own priority is 0, and lower ones come first. */
const URGENT = -1;

/** Marks a job that was added with a key, also after a later job took the key. */
export const KEYED = 'keyed';

/**
 * The input of `graphile_worker.add_jobs`. Merges the payloads of plain jobs; a job with its own time or key, and an urgent one, is
 * not merged. Its payload is no array, because the engine would join the arrays of two jobs with the same
 * key.
 */
export function toJobSpecs(jobs: readonly EnqueuedJob[]): object[] {
  const specs: object[] = [];
  const open = new Map<string, unknown[]>();
  const traceparent = presentTraceparent();
  for (const { task, payload: given, runAt, key, isUrgent } of jobs) {
    const payload = traceparent ? { ...given, traceparent } : given;
    if (runAt || key || isUrgent) {
      specs.push({
        identifier: task,
        payload,
        run_at: runAt,
        ...(isUrgent ? { priority: URGENT } : {}),
        ...(key ? { job_key: key, flags: [KEYED] } : {}),
      });
      continue;
    }
    const payloads = open.get(task);
    if (payloads && payloads.length < PAYLOADS_PER_JOB) {
      payloads.push(payload);
      continue;
    }
    const fresh = [payload];
    open.set(task, fresh);
    specs.push({ identifier: task, payload: fresh });
  }
  return specs;
}

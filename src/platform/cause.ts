import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from './access/caller.js';

/** What makes the present code run: a request, of whom and from where, or a job. */
export interface Cause {
  requestId?: string;
  ip?: string;
  jobId?: string;
  /** Known once a key has been accepted. */
  caller?: Caller;
}

const causes = new AsyncLocalStorage<Cause>();

/** Runs work and all that it starts with this cause. */
export function causedBy<T>(cause: Cause, work: () => T): T {
  return causes.run(cause, work);
}

/** Empty where nothing is known, as in a batch of several requests. */
export function currentCause(): Cause {
  return causes.getStore() ?? {};
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from './caller.js';

/** The cause of the running code: a request with its caller and address, or a job. */
export interface Cause {
  requestId?: string;
  ip?: string;
  jobId?: string;
  /** Set after a key was accepted. */
  caller?: Caller;
}

const causes = new AsyncLocalStorage<Cause>();

/** Runs work and all that it starts with this cause. */
export function causedBy<T>(cause: Cause, work: () => T): T {
  return causes.run(cause, work);
}

/** Empty if the cause is not known, as in a batch of several requests. */
export function currentCause(): Cause {
  return causes.getStore() ?? {};
}

import { RETRYABLE_ERROR_CODES } from 'graphile-worker/dist/lib.js';

/** Errors of a database that is away, full, restarting or cutting sessions; `undefined` is a broken connection. */
const AWAY = [
  '57P01',
  '57P02',
  '57P03',
  '53100',
  '53200',
  '53300',
  '25006',
  '08000',
  '08003',
  '08006',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'undefined',
];
const DELAYS = { minDelay: 200, maxDelay: 5000 };

/**
 * The engine (0.17) records how a job ended without awaiting it, and repeats that only on errors of its
 * own short list. Any other one is an unhandled rejection: without this, a restart of PostgreSQL ends
 * the process, and the job stays locked.
 */
export function repeatWhileDatabaseIsAway(): void {
  for (const code of AWAY) RETRYABLE_ERROR_CODES[code] = DELAYS;
}

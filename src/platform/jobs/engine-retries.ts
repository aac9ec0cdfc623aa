import { RETRYABLE_ERROR_CODES } from 'graphile-worker/dist/lib.js';

/**
 * Errors of a database that is unavailable, full, restarting or ending sessions; `undefined` is a broken
 * connection.
 */
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
 * Extends the list of errors after which the engine (0.17) repeats the record of a job's result. The engine
 * does not await that record, so any other error is an unhandled rejection: a restart of PostgreSQL would end
 * the process and leave the job locked.
 */
export function repeatWhileDatabaseIsAway(): void {
  for (const code of AWAY) RETRYABLE_ERROR_CODES[code] = DELAYS;
}

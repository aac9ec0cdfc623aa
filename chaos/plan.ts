/** How large a campaign is, and the seed of its schedule. */
export interface Plan {
  seed: number;
  /** At least so many events: traffic goes on until all faults have been. */
  events: number;
  /** SIGKILLs, half of them of API processes and half of workers. */
  kills: number;
  /** Restarts of PostgreSQL, every other one immediate. */
  databaseRestarts: number;
  /** Sessions of the service that `pg_terminate_backend` ends. */
  terminations: number;
  /** SIGTERMs to processes under load, before the faults. */
  cleanRestarts: number;
  /** A silent worker counts as dead after so long. */
  leaseSeconds: number;
}

/** Processes of each role. */
export const PROCESSES = 2;
/** `SMTP_MAX_CONNECTIONS`, as it is by default. */
export const SMTP_CONNECTIONS = 2;
/** Messages that a worker has underway at once: while one is sent, the one before is recorded. */
export const UNDERWAY = 2 * SMTP_CONNECTIONS;

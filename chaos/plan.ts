/** How large a campaign is, and the seed of its schedule. */
export interface Plan {
  seed: number;
  /** At least this many events: traffic continues until all faults were injected. */
  events: number;
  /** SIGKILLs, half of them to API processes and half to workers. */
  kills: number;
  /** Restarts of PostgreSQL, alternately fast and immediate. */
  databaseRestarts: number;
  /** Sessions of the service that `pg_terminate_backend` ends. */
  terminations: number;
  /** SIGTERMs to processes under load, before the faults. */
  cleanRestarts: number;
  /** A silent worker counts as dead after this time. */
  leaseSeconds: number;
}

/** Number of processes of each role. */
export const PROCESSES = 2;
/** The service's default for `SMTP_MAX_CONNECTIONS`. */
export const SMTP_CONNECTIONS = 2;
/** Messages that a worker has in progress at once: while one is sent, the previous one is recorded. */
export const UNDERWAY = 2 * SMTP_CONNECTIONS;

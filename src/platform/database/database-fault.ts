import { scrub } from '../logging/scrub.js';
import { sqlStateOf } from '../sql-state.js';
import { isForPeople } from '../terminal-text.js';

/**
 * The kind of a failure in a transaction, and how to react:
 * - `conflict`: run it again in a fresh transaction, reads included;
 * - `data`: PostgreSQL will never accept these rows;
 * - `unavailable`: the database did not answer properly, so it is unknown whether COMMIT took effect.
 */
export type DatabaseFault = 'conflict' | 'data' | 'unavailable';

const CONFLICTS = new Set(['40001', '40P01', '23505']);
const DATA_CLASSES = new Set(['22', '23', '54']);

/** Classifies by SQLSTATE. A connection lost at COMMIT carries none, so "none" means unknown. */
export function databaseFaultOf(error: unknown): DatabaseFault {
  const state = sqlStateOf(error);
  if (state === undefined) return 'unavailable';
  if (CONFLICTS.has(state)) return 'conflict';
  return DATA_CLASSES.has(state.slice(0, 2)) ? 'data' : 'unavailable';
}

/** The database refuses connections or does not answer. The message is shown at the terminal. */
export class DatabaseUnreachable extends Error {
  constructor(
    readonly problem: string,
    readonly mend: string,
    cause: unknown,
  ) {
    super(`${problem}. ${mend}.`, { cause });
  }
}

const DATABASE = 'The database (DATABASE_URL)';
const CHECK = 'Check host and port in DATABASE_URL, the network, and whether PostgreSQL runs';

/** The meaning and the remedy of each SQLSTATE of a refused connection. */
const REFUSALS: readonly [state: RegExp, problem: string, mend: string][] = [
  [/^28/, 'refuses the login', 'Check the user and the password in DATABASE_URL, and pg_hba.conf'],
  [/^3D/, 'does not exist', 'Create it, or correct its name in DATABASE_URL'],
  [/^42501$/, 'denies a right', 'Use a role that has it (docs/production.md, "Database roles")'],
  [/^53/, 'has no room for another connection', 'Raise max_connections, or start fewer processes'],
  [/^57P/, 'is starting or shutting down', 'Try again when it is up'],
];

/**
 * Explains an error of a connection to the database.
 * @returns the same error if it has another cause, such as a pending migration or a fault of a migration
 */
export function explainConnection(error: unknown): unknown {
  if (isForPeople(error)) return error;
  const state = sqlStateOf(error);
  const { message, code } = error as { message?: string; code?: string };
  const said = scrub(message || code || 'no answer');
  if (state === undefined)
    return new DatabaseUnreachable(`${DATABASE} cannot be reached: ${said}`, CHECK, error);
  const refusal = REFUSALS.find(([pattern]) => pattern.test(state));
  if (!refusal) return error;
  const [, problem, mend] = refusal;
  return new DatabaseUnreachable(`${DATABASE} ${problem}: ${said} (${state})`, mend, error);
}

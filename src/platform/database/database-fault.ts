/**
 * What went wrong in a transaction, and so what to do about it:
 * - `conflict`: run it again in a fresh transaction, reads included;
 * - `data`: these rows will never be accepted;
 * - `unavailable`: the database did not answer as it should, whether COMMIT took effect is unknown.
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

/** The five-character SQLSTATE of a pg or TypeORM error, if it has one; `EPIPE` and its kind are none. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

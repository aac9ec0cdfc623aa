import type { EntityManager } from 'typeorm';

/** Differs from the numbers of our other advisory locks. */
const ALERTS_LOCK = 7_264_118_903;

/**
 * Only one process evaluates alerts at a time. Returns true if it is this one, until its transaction ends.
 */
export async function lockOrSkip(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<[{ isOurs: boolean }]>(
    'select pg_try_advisory_xact_lock($1) as "isOurs"',
    [ALERTS_LOCK],
  );
  return row.isOurs;
}

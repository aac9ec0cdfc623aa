import type { EntityManager } from 'typeorm';

/** Any number that no other advisory lock of ours has. */
const ALERTS_LOCK = 7_264_118_903;

/** One process at a time looks after alerts: true when it is this one, until its transaction ends. */
export async function lockOrSkip(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<[{ isOurs: boolean }]>(
    'select pg_try_advisory_xact_lock($1) as "isOurs"',
    [ALERTS_LOCK],
  );
  return row.isOurs;
}

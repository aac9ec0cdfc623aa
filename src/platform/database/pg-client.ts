import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';

/**
 * The pg client that carries a manager's transaction, for what TypeORM's `query` cannot express:
 * named prepared statements and pipelining.
 */
export async function pgClientOf(manager: EntityManager): Promise<PoolClient> {
  if (!manager.queryRunner) throw new Error('Only a transaction has a connection of its own');
  return (await manager.queryRunner.connect()) as PoolClient;
}

/**
 * Waits for all pipelined queries, then throws the first error. Returning at the first failure would
 * leave the others running into the next transaction on the same connection.
 */
export async function settled<T extends readonly Promise<unknown>[]>(
  queries: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(queries);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';

/** What pg's client holds but does not declare: its socket, which can be corked. */
interface WithSocket {
  connection: { stream: { cork(): void; uncork(): void } };
}

/**
 * The pg client that carries a manager's transaction, for what TypeORM's `query` cannot express:
 * named prepared statements and pipelining.
 */
export async function pgClientOf(manager: EntityManager): Promise<PoolClient> {
  if (!manager.queryRunner) throw new Error('Only a transaction has a connection of its own');
  return (await manager.queryRunner.connect()) as PoolClient;
}

/**
 * Sends queries together, in one write to the socket, and waits for all of them; then throws the first
 * error. Returning at the first failure would leave the others running into the next transaction.
 */
export async function pipelined<T extends readonly Promise<unknown>[]>(
  client: PoolClient,
  send: () => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const { stream } = (client as unknown as WithSocket).connection;
  stream.cork();
  const queries = send();
  stream.uncork();
  return settled(queries);
}

/** Waits for all, then throws the first error. */
export async function settled<T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>;
  };
}

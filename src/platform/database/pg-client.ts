import type { PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { settled } from '../settled.js';

/** An undeclared property of pg's client: its socket, which can be corked. */
interface WithSocket {
  connection: { stream: { cork(): void; uncork(): void } };
}

/**
 * The pg client behind a manager with its own connection. It is needed for named prepared statements and
 * pipelining, which TypeORM's `query` does not offer.
 */
export async function pgClientOf(manager: EntityManager): Promise<PoolClient> {
  if (!manager.queryRunner) throw new Error('The manager has no connection of its own');
  return (await manager.queryRunner.connect()) as PoolClient;
}

/** Lends a connection of the pool to `work`, without a transaction. */
export async function withConnection<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work(runner.manager);
  } finally {
    await runner.release();
  }
}

/**
 * Sends queries in one write to the socket and waits for all of them, so that none overlaps with the next
 * transaction on the same connection.
 * @throws the first error
 */
export async function pipelined<T extends readonly Promise<unknown>[]>(
  client: PoolClient,
  send: () => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  return settled(inOneWrite(client, send));
}

/** Always uncorks the socket, because a corked connection would hang. */
function inOneWrite<T>(client: PoolClient, send: () => T): T {
  const { stream } = (client as unknown as WithSocket).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

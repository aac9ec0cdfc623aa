import type { PoolClient } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { settled } from '../settled.js';

/** What pg's client holds but does not declare: its socket, which can be corked. */
interface WithSocket {
  connection: { stream: { cork(): void; uncork(): void } };
}

/**
 * The pg client behind a manager that has a connection of its own, for what TypeORM's `query` cannot express:
 * named prepared statements and pipelining.
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
 * Sends queries together, in one write to the socket, and waits for all of them, so that none runs into
 * the next transaction on the same connection.
 * @throws the first error
 */
export async function pipelined<T extends readonly Promise<unknown>[]>(
  client: PoolClient,
  send: () => T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  return settled(inOneWrite(client, send));
}

/** A connection left corked would hang: whatever happens, the socket is let go. */
function inOneWrite<T>(client: PoolClient, send: () => T): T {
  const { stream } = (client as unknown as WithSocket).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import { settled } from '../settled.js';

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

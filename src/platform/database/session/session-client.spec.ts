import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionClient } from './session-client.js';

/** A message of PostgreSQL's protocol. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const TERMINATED = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'));

describe('a session that the server ends as soon as it is ready', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, TERMINATED])));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    server.close();
  });

  it('fails its next query, and does not end the process', async () => {
    const { port } = server.address() as AddressInfo;
    const connectionString = `postgres://ada@127.0.0.1:${port}/mingus`;
    const pool = new pg.Pool({ connectionString, Client: SessionClient as typeof pg.Client });

    const client = await pool.connect();

    await expect(client.query('select 1')).rejects.toThrow('not queryable');
    client.release();
    expect(pool.totalCount).toBe(0);
    await pool.end();
  });
});

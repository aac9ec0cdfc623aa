import type { Socket } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPoint, Step } from '../../chaos/faults/fault-point.js';
import { Trap } from '../../chaos/faults/trap.js';
import { DatabaseProxy } from '../../chaos/wires/database-proxy.js';
import { MessageReader } from '../../chaos/wires/postgres-messages.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const INSERT = `insert into "users" (id, email, name, created_at) values ($1, 'a@b.test', 'Ada', now())`;

describe("the campaign's wire to PostgreSQL", () => {
  let database: TestDatabase;
  let trap: Trap;
  let done: Step[];
  let proxy: DatabaseProxy;
  let client: pg.Client;

  beforeEach(async () => {
    database = await TestDatabase.create();
    [trap, done] = [new Trap(), []];
    const url = new URL(database.url);
    proxy = await DatabaseProxy.start(Number(url.port), trap, (step) => done.push(step));
    url.port = String(proxy.port);
    client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    await client.connect();
  });
  afterEach(async () => {
    await proxy.stop();
    await waitFor('sessions gone', () => hasNoSession(database));
    await database.drop();
  });

  /** A transaction that is stopped at a point, and its connection cut there. */
  async function cutAt(point: FaultPoint): Promise<void> {
    const caught = trap.lay(point);
    const transaction = (async () => {
      await client.query('START TRANSACTION');
      await client.query(INSERT, ['ada']);
      await client.query('COMMIT');
    })();
    transaction.catch(() => undefined);
    await caught;
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    await waitFor('session gone', () => hasNoSession(database));
  }

  it('lets a transaction through, and tells its steps', async () => {
    await client.query('START TRANSACTION');
    await client.query(INSERT, ['ada']);
    await client.query('COMMIT');

    expect(done).toEqual(['begin', 'insert users', 'commit']);
    expect(await database.count('users')).toBe(1);
  });

  it.each([
    ['before', 'begin', 0, []],
    ['after', 'begin', 0, []],
    ['before', 'insert users', 0, ['begin']],
    ['after', 'insert users', 0, ['begin']],
    ['before', 'commit', 0, ['begin', 'insert users']],
    ['after', 'commit', 1, ['begin', 'insert users']],
  ] as const)(
    'cuts it %s %s: %i row is stored, and the process has heard of %j',
    async (moment, step, rows, told) => {
      await cutAt({ step, moment });

      expect(await database.count('users')).toBe(rows);
      expect(done).toEqual(told);
    },
  );

  it('waits on for a statement that has an effect when one fails', async () => {
    await database.rows(INSERT, ['taken']);
    const caught = trap.lay({ step: 'insert users', moment: 'after' });
    await client.query('START TRANSACTION');

    await expect(client.query(INSERT, ['taken'])).rejects.toThrow(/duplicate key/);
    await client.query('ROLLBACK');
    await client.query('START TRANSACTION');
    client.query(INSERT, ['free']).catch(() => undefined);

    await caught;
  });
});

describe('messages of PostgreSQL', () => {
  const message = (type: string, text: string) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + text.length);
    return Buffer.concat([Buffer.from(type), length, Buffer.from(text)]);
  };

  it('are read however the network has cut them', () => {
    const bytes = Buffer.concat([message('P', 'select'), message('S', ''), message('Q', 'commit')]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new MessageReader(false);
      const read = [];
      for (let start = 0; start < bytes.length; start += size) {
        read.push(...reader.read(bytes.subarray(start, start + size)));
      }
      expect(read.map(({ message: { type, body } }) => [type, body.toString()])).toEqual([
        ['P', 'select'],
        ['S', ''],
        ['Q', 'commit'],
      ]);
      expect(Buffer.concat(read.map((each) => each.bytes))).toEqual(bytes);
    }
  });
});

async function hasNoSession(database: TestDatabase): Promise<boolean> {
  return (
    (await database.count('pg_stat_activity', `datname = current_database() and pid <> pg_backend_pid()`)) ===
    0
  );
}

import type { Socket } from 'node:net';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPoint, Step } from '../../chaos/faults/fault-point.js';
import { Trap } from '../../chaos/faults/trap.js';
import { DatabaseProxy } from '../../chaos/wires/database-proxy.js';
import { MessageReader } from '../../chaos/wires/postgres-messages.js';
import { User } from '../../src/customers/users/user.entity.js';
import { withConnection } from '../../src/platform/database/pg-client.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { openDataSource } from '../support/database/data-source.js';
import { aUserRow } from '../support/database/rows.js';
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

  /** Runs a transaction, stops it at a point and cuts its connection there. */
  async function cutAt(point: FaultPoint): Promise<void> {
    const caught = trap.set(point);
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

  it('passes a transaction on, and reports its steps', async () => {
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
    'cuts it %s %s: %i row is stored, and the process got the answers %j',
    async (moment, step, rows, answers) => {
      await cutAt({ step, moment });

      expect(await database.count('users')).toBe(rows);
      expect(done).toEqual(answers);
    },
  );

  it('waits for a statement with an effect when one fails', async () => {
    await database.rows(INSERT, ['taken']);
    const caught = trap.set({ step: 'insert users', moment: 'after' });
    await client.query('START TRANSACTION');

    await expect(client.query(INSERT, ['taken'])).rejects.toThrow(/duplicate key/);
    await client.query('ROLLBACK');
    await client.query('START TRANSACTION');
    client.query(INSERT, ['free']).catch(() => undefined);

    await caught;
  });
});

describe("the campaign's wire to PostgreSQL, under a unit of work", () => {
  let database: TestDatabase;
  let trap: Trap;
  let done: Step[];
  let proxy: DatabaseProxy;
  let dataSource: DataSource;
  let writer: UnitOfWorkWriter;

  beforeEach(async () => {
    database = await TestDatabase.create();
    [trap, done] = [new Trap(), []];
    const url = new URL(database.url);
    proxy = await DatabaseProxy.start(Number(url.port), trap, (step) => done.push(step));
    url.port = String(proxy.port);
    const opened = await openDataSource({ url: url.href });
    dataSource = opened.dataSource;
    writer = new UnitOfWorkWriter(opened.settings);
  });
  afterEach(async () => {
    await proxy.stop();
    await dataSource.destroy();
    await database.drop();
  });

  const write = () => {
    const unit = new UnitOfWork();
    unit.insert(User, aUserRow());
    return withConnection(dataSource, (manager) => writer.commit(manager, [unit]));
  };

  it('passes it on, and reports its steps', async () => {
    await write();

    expect(done).toEqual(['begin', 'insert users', 'commit']);
    expect(await database.count('users')).toBe(1);
  });

  it.each([
    ['before', 'insert users', 0],
    ['after', 'insert users', 0],
    ['after', 'commit', 1],
  ] as const)('stops it %s %s, whose rows follow it: %i row is stored', async (moment, step, rows) => {
    const caught = trap.set({ step, moment });
    const written = write().catch(() => 'lost');

    await caught;
    await proxy.stop();

    expect(await written).toBe('lost');
    await waitFor('rolled back or committed', async () => (await database.count('users')) === rows);
  });
});

describe('messages of PostgreSQL', () => {
  const message = (type: string, text: string) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + text.length);
    return Buffer.concat([Buffer.from(type), length, Buffer.from(text)]);
  };

  it('are read from packets of any size', () => {
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

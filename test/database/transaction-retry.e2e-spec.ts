import type { DataSource, EntityManager } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { User } from '../../src/customers/users/user.entity.js';
import { databaseFaultOf } from '../../src/platform/database/database-fault.js';
import { sqlStateOf } from '../../src/platform/sql-state.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { openDataSource } from '../support/database/data-source.js';
import { aUserRow } from '../support/database/rows.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

describe('a transaction', () => {
  let database: TestDatabase;
  let other: DataSource;
  let dataSource: DataSource;
  let writer: UnitOfWorkWriter;
  let poolErrors: Error[];
  let ada: User;
  let eve: User;

  beforeAll(async () => {
    database = await TestDatabase.create();
    ({ dataSource: other } = await openDataSource(database));
  });
  afterAll(async () => {
    await other.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    const opened = await openDataSource(database);
    ({ dataSource, poolErrors } = opened);
    writer = new UnitOfWorkWriter(opened.settings);
    [ada, eve] = [aUserRow(), aUserRow()];
    await other.manager.insert(User, [ada, eve]);
  });
  afterEach(() => dataSource.destroy());

  const rename = (manager: EntityManager, { id }: User, name: string) =>
    manager.update(User, { id }, { name });
  const nameOf = async ({ id }: User) => (await other.manager.findOneByOrFail(User, { id })).name;
  const backendOf = async (manager: EntityManager): Promise<number> =>
    (await manager.query('select pg_backend_pid() as pid'))[0].pid;
  const isBlocked = async (pid: number) =>
    (await database.rows('select 1 where cardinality(pg_blocking_pids($1)) > 0', [pid])).length > 0;

  /** Takes the transaction's snapshot. */
  async function snapshot(manager: EntityManager): Promise<{ id: string; name: string }> {
    await manager.query('set transaction isolation level repeatable read');
    const rows = await manager.query(
      'select pg_current_xact_id()::text as id, (select name from users where id = $1)',
      [ada.id],
    );
    return rows[0];
  }

  /** Another connection writes a row that this one has read and now writes: PostgreSQL reports 40001. */
  async function beOvertaken(manager: EntityManager): Promise<void> {
    await rename(other.manager, ada, 'overtaken');
    await rename(manager, ada, 'mine');
  }

  /** Two connections lock two rows in opposite order. PostgreSQL reports the deadlock (40P01) to this one. */
  async function deadlock(manager: EntityManager): Promise<void> {
    await manager.query(`set local deadlock_timeout = '20ms'`);
    await rename(manager, ada, 'mine');
    const rival = other.createQueryRunner();
    await rival.startTransaction();
    try {
      const pid = await backendOf(rival.manager);
      await rival.query(`set local deadlock_timeout = '1h'; set local lock_timeout = 0`);
      await rename(rival.manager, eve, 'theirs');
      const theirs = rename(rival.manager, ada, 'theirs').catch((error: unknown) => error);
      await waitFor('the rival waits', () => isBlocked(pid));
      const mine = await rename(manager, eve, 'mine').catch((error: unknown) => error);
      await database.rows('select pg_terminate_backend($1)', [pid]);
      await theirs;
      throw mine;
    } finally {
      await rival.release();
    }
  }

  it('that was overtaken runs again as a new transaction, and sees the change', async () => {
    const seen: { id: string; name: string }[] = [];

    const result = await inTransaction(dataSource, async (manager) => {
      seen.push(await snapshot(manager));
      if (seen.length === 1) await beOvertaken(manager);
      else await rename(manager, ada, 'mine');
      return 'done';
    });

    expect(result).toBe('done');
    expect(seen.map(({ name }) => name)).toEqual([ada.name, 'overtaken']);
    expect(seen[0]?.id).not.toBe(seen[1]?.id);
    expect(await nameOf(ada)).toBe('mine');
  });

  it('that lost a deadlock runs again', async () => {
    const faults: (string | undefined)[] = [];

    await inTransaction(dataSource, async (manager) => {
      if (faults.length === 0) {
        await deadlock(manager).catch((error: unknown) => {
          faults.push(sqlStateOf(error));
          throw error;
        });
      }
      await rename(manager, ada, 'mine');
      await rename(manager, eve, 'mine');
    });

    expect(faults).toEqual(['40P01']);
    expect([await nameOf(ada), await nameOf(eve)]).toEqual(['mine', 'mine']);
  });

  it('that is overtaken again and again is given up after four attempts', async () => {
    let attempts = 0;

    const error: unknown = await inTransaction(dataSource, async (manager) => {
      attempts += 1;
      await snapshot(manager);
      await beOvertaken(manager);
    }).catch((caught: unknown) => caught);

    expect(attempts).toBe(4);
    expect(sqlStateOf(error)).toBe('40001');
    expect(databaseFaultOf(error)).toBe('conflict');
    expect(await nameOf(ada)).toBe('overtaken');
  });

  it('that conflicts with a row of a faster one runs again, and finds it', async () => {
    const user = aUserRow();
    const found: boolean[] = [];
    const rival = other.createQueryRunner();
    await rival.startTransaction();
    await rival.manager.insert(User, user);

    const slower = inTransaction(dataSource, async (manager) => {
      found.push(await manager.existsBy(User, { id: user.id }));
      if (found.at(-1)) return;
      const pid = await backendOf(manager);
      const unit = new UnitOfWork();
      unit.insert(User, user);
      const goOn = async () => {
        await waitFor('the slower one waits for the faster', () => isBlocked(pid));
        await rival.commitTransaction();
        await rival.release();
      };
      await Promise.all([writer.write(manager, [unit]), goOn()]);
    });

    await slower;
    expect(found).toEqual([false, true]);
    expect(await other.manager.countBy(User, { id: user.id })).toBe(1);
  });

  it('that conflicts again and again is given up as well', async () => {
    let attempts = 0;

    const writing = inTransaction(dataSource, async (manager) => {
      attempts += 1;
      const unit = new UnitOfWork();
      unit.insert(User, ada);
      await writer.write(manager, [unit]);
    });

    const error: unknown = await writing.catch((caught: unknown) => caught);
    expect(databaseFaultOf(error)).toBe('conflict');
    expect(attempts).toBe(4);
  });

  it.each([
    ['data that will never be accepted', `select 'x'::uuid`, '22P02', 'data'],
    ['a lock that is not given', `set local lock_timeout = '1ms'; lock users`, '55P03', 'unavailable'],
    [
      'a statement that takes too long',
      `set local statement_timeout = '1ms'; select pg_sleep(9)`,
      '57014',
      'unavailable',
    ],
  ])('that fails for %s runs once', async (_, sql, state, fault) => {
    let attempts = 0;
    const rival = other.createQueryRunner();
    await rival.startTransaction();
    await rival.query('lock users in share mode');

    const error: unknown = await inTransaction(dataSource, (manager) => {
      attempts += 1;
      return manager.query(sql);
    }).catch((caught: unknown) => caught);

    await rival.rollbackTransaction();
    await rival.release();
    expect([attempts, sqlStateOf(error), databaseFaultOf(error)]).toEqual([1, state, fault]);
  });

  it.each(['between two statements', 'during a statement', 'before COMMIT'])(
    'that loses its connection %s is not run again: its outcome is unknown',
    async (moment) => {
      let attempts = 0;
      const user = aUserRow();

      const error: unknown = await inTransaction(dataSource, async (manager) => {
        attempts += 1;
        await manager.insert(User, user);
        const pid = await backendOf(manager);
        const statement = moment === 'during a statement' && manager.query('select pg_sleep(30)');
        const failed = statement && statement.catch((caught: unknown) => caught);
        await database.rows('select pg_terminate_backend($1, 10000)', [pid]);
        if (failed) throw await failed;
        if (moment === 'between two statements') await manager.query('select 1');
      }).catch((caught: unknown) => caught);

      expect(attempts).toBe(1);
      expect(error).toBeInstanceOf(Error);
      expect(databaseFaultOf(error)).toBe('unavailable');
      expect(await other.manager.countBy(User, { id: user.id })).toBe(0);
      await inTransaction(dataSource, (manager) => manager.insert(User, user));
      expect(await other.manager.countBy(User, { id: user.id })).toBe(1);
    },
  );

  it('leaves the service alive when idle connections are lost: they are reported and replaced', async () => {
    await dataSource.query('select 1');
    await database.rows(
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity
       where datname = current_database() and application_name like 'mingus%'`,
    );

    await waitFor('the loss is reported', () => poolErrors.length > 0);
    expect(await inTransaction(dataSource, (manager) => manager.query('select 1 as alive'))).toEqual([
      { alive: 1 },
    ]);
  });
});

import type { DataSource, EntityManager } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Customer } from '../../src/customers/customer.entity.js';
import { User } from '../../src/customers/users/user.entity.js';
import { NotificationAttempt } from '../../src/notifications/notification-attempt.entity.js';
import { Notification } from '../../src/notifications/notification.entity.js';
import { databaseFaultOf } from '../../src/platform/database/database-fault.js';
import { sqlStateOf } from '../../src/platform/sql-state.js';
import { withConnection } from '../../src/platform/database/pg-client.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { openDataSource } from '../support/database/data-source.js';
import { queuedJobs } from '../support/jobs.js';
import { aCustomerRow, aNotificationRow, anAttemptRow, aUserRow } from '../support/database/rows.js';
import { TestDatabase } from '../support/database/test-database.js';

const TABLES = ['users', 'customers', 'notifications', 'notification_attempts'];
const JOBS = 'graphile_worker._private_jobs';

/**
 * Statement-level triggers record which statements wrote to which table, in which order, and how many rows.
 */
const RECORD_STATEMENTS = `
  create table statements (n serial, "table" text, rows int);
  create function record_statement() returns trigger language plpgsql as $$ begin
    insert into statements ("table", rows) select tg_table_name, count(*) from written;
    return null;
  end $$;
  ${[...TABLES, JOBS]
    .map(
      (table) => `create trigger record_statement after insert on ${table}
        referencing new table as written for each statement execute function record_statement();`,
    )
    .join('')}`;

/** A customer with a notification and its attempt, children first. */
function unitOfACustomer(): UnitOfWork {
  const customer = aCustomerRow();
  const notification = aNotificationRow(customer);
  const unit = new UnitOfWork();
  unit.insert(NotificationAttempt, anAttemptRow(notification));
  unit.insert(Notification, notification);
  unit.insert(Customer, customer);
  unit.enqueue('deliver-notification', { notificationId: notification.id });
  return unit;
}

describe.each([
  ['through a transaction', 'with', 'true'],
  ['through a transaction', 'without', 'false'],
  ['in a transaction of their own', 'with', 'true'],
  ['in a transaction of their own', 'without', 'false'],
])('units of work, %s, %s prepared statements,', (how, _, DATABASE_PREPARED_STATEMENTS) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let writer: UnitOfWorkWriter;

  const statements = () =>
    database.rows<{ table: string; rows: number }>(
      'select "table", rows from statements where rows > 0 order by n',
    );
  const write = (...units: UnitOfWork[]) =>
    how === 'through a transaction'
      ? dataSource.transaction((manager) => writer.write(manager, units))
      : withConnection(dataSource, (manager) => writer.commit(manager, units));
  /** The number of rows in all tables that these tests write to, including jobs. */
  async function totalRows(): Promise<number> {
    const counts = [...TABLES, JOBS].map((table) => `(select count(*)::int from ${table})`);
    const [row] = await database.rows<{ total: number }>(`select ${counts.join(' + ')} as total`);
    return row?.total ?? 0;
  }

  beforeAll(async () => {
    database = await TestDatabase.create();
    await database.rows(RECORD_STATEMENTS);
    const opened = await openDataSource(database, { DATABASE_PREPARED_STATEMENTS }, 2);
    ({ dataSource } = opened);
    writer = new UnitOfWorkWriter(opened.settings);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => database.rows(`truncate statements, ${TABLES.join(', ')}, ${JOBS} cascade`));

  it('are written with one insert per table, parents first, and one for all jobs', async () => {
    const users = new UnitOfWork();
    users.insert(User, aUserRow());
    users.insert(User, aUserRow());

    await write(unitOfACustomer(), users, unitOfACustomer(), unitOfACustomer());

    const written = await statements();
    expect(written.map(({ table, rows }) => [table, rows]).toSorted()).toEqual([
      ['_private_jobs', 1],
      ['customers', 3],
      ['notification_attempts', 3],
      ['notifications', 3],
      ['users', 2],
    ]);
    const order = written.map(({ table }) => table);
    expect(order.indexOf('customers')).toBeLessThan(order.indexOf('notifications'));
    expect(order.indexOf('notifications')).toBeLessThan(order.indexOf('notification_attempts'));
  });

  it('are read as they were written, for every type of column', async () => {
    const customer = aCustomerRow({
      name: `Zoë "O'Neil" \\ 😀`,
      balanceMinor: -9_007_199_254_740_991,
      preferredLocales: ['de', 'en'],
      address: { country: 'DE', nested: [1, { a: null }] },
      metadata: { ['__proto__']: 'x', '': 'empty' },
      delinquent: false,
    });
    const unit = new UnitOfWork();
    unit.insert(Customer, customer);

    await write(unit);

    expect(await dataSource.manager.findOneBy(Customer, { id: customer.id })).toEqual(customer);
  });

  it('run a custom statement once for all its rows, after the inserts', async () => {
    const rename = `update customers set name = renamed.name
      from json_to_recordset($1::json) as renamed (id uuid, name text) where customers.id = renamed.id`;
    const [one, other] = [aCustomerRow(), aCustomerRow()];
    const units = [one, other].map((customer) => {
      const unit = new UnitOfWork();
      unit.execute(rename, { id: customer.id, name: `New ${customer.id}` });
      unit.insert(Customer, customer);
      return unit;
    });

    await write(...units);

    const names = await database.rows<{ name: string }>('select name from customers');
    expect(names.map(({ name }) => name).toSorted()).toEqual([`New ${one.id}`, `New ${other.id}`].toSorted());
  });

  it('add jobs of one task as one array of payloads, at most 20 in each', async () => {
    const unit = new UnitOfWork();
    const ids = Array.from({ length: 45 }, (__, n) => `id-${n}`);
    for (const notificationId of ids) unit.enqueue('deliver-notification', { notificationId });
    unit.enqueue('forward-analytics', { analyticsEventId: 'a' });

    await write(unit);

    const jobs = await queuedJobs(database, 'deliver-notification');
    expect(jobs.map(({ payload }) => payload.length).toSorted()).toEqual([20, 20, 5]);
    expect(
      jobs.flatMap(({ payload }) => payload.map(({ notificationId }) => notificationId)).toSorted(),
    ).toEqual(ids.toSorted());
    expect(await queuedJobs(database, 'forward-analytics')).toHaveLength(1);
    expect(await statements()).toEqual([{ table: '_private_jobs', rows: 4 }]);
  });

  it('do not merge a job that has a time or a key', async () => {
    const runAt = new Date('2030-01-01T00:00:00Z');
    const unit = new UnitOfWork();
    unit.enqueue('resolve-pending-events', { userId: 'plain 1' });
    unit.enqueue('resolve-pending-events', { userId: 'timed' }, { runAt });
    unit.enqueue('resolve-pending-events', { userId: 'keyed' }, { key: 'k' });
    unit.enqueue('resolve-pending-events', { userId: 'plain 2' });

    await write(unit);

    const jobs = await queuedJobs(database, 'resolve-pending-events');
    const users = jobs.map(({ payload }) => payload.map(({ userId }) => userId).join(', '));
    expect(users.toSorted()).toEqual(['keyed', 'plain 1, plain 2', 'timed']);
    expect(jobs[users.indexOf('timed')]?.runAt).toEqual(runAt);
  });

  it('keep one waiting job per key: a later one replaces it', async () => {
    const [soon, later] = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-02T00:00:00Z')];
    for (const [userId, runAt] of [['first', later] as const, ['second', soon] as const]) {
      const unit = new UnitOfWork();
      unit.enqueue('resolve-pending-events', { userId }, { runAt, key: 'same' });
      await write(unit);
    }

    const jobs = await queuedJobs(database, 'resolve-pending-events');
    expect(jobs.map(({ payload, runAt }) => ({ payload, runAt }))).toEqual([
      { payload: [{ userId: 'second' }], runAt: soon },
    ]);
  });

  it('write nothing when they are empty', async () => {
    await write(new UnitOfWork(), new UnitOfWork());
    await write();

    expect(await statements()).toEqual([]);
  });

  it('leave nothing behind, neither rows nor jobs, when the transaction is rolled back', async () => {
    const rolledBack = dataSource.transaction(async (manager: EntityManager) => {
      await writer.write(manager, [unitOfACustomer()]);
      expect(await manager.count(Customer)).toBe(1);
      throw new Error('changed my mind');
    });

    await expect(rolledBack).rejects.toThrow('changed my mind');
    expect(await totalRows()).toBe(0);
  });

  it.each([
    ['a violated check', { status: 'lost' as never }, '23514'],
    ['a missing parent', { customerId: '00000000-0000-7000-8000-000000000000' }, '23503'],
    ['a missing value', { kind: null as never }, '23502'],
    ['text that is no uuid', { id: 'x' }, '22P02'],
  ])('leave nothing behind after %s, and the connection stays usable', async (__, fields, state) => {
    const bad = new UnitOfWork();
    bad.insert(Notification, aNotificationRow(aCustomerRow(), fields));

    const error: unknown = await write(unitOfACustomer(), bad).catch((caught: unknown) => caught);

    expect(sqlStateOf(error)).toBe(state);
    expect(databaseFaultOf(error)).toBe('data');
    expect(await totalRows()).toBe(0);
    await write(unitOfACustomer());
    expect(await totalRows()).toBe(4);
  });

  it('conflict when a row already exists, and then none of the others is written', async () => {
    const user = aUserRow();
    const first = new UnitOfWork();
    first.insert(User, user);
    await write(first);
    const second = unitOfACustomer();
    second.insert(User, { ...user, name: 'Eve' });

    const error: unknown = await write(second).catch((caught: unknown) => caught);

    expect(databaseFaultOf(error)).toBe('conflict');
    expect((error as Error).message).toContain('pk_users');
    expect(await totalRows()).toBe(1);
    expect(await database.rows('select name from users')).toEqual([{ name: user.name }]);
  });

  it('conflict when two of them hold the same row', async () => {
    const user = aUserRow();
    const units = [new UnitOfWork(), new UnitOfWork()];
    for (const unit of units) unit.insert(User, user);

    const error: unknown = await write(...units).catch((caught: unknown) => caught);

    expect(databaseFaultOf(error)).toBe('conflict');
    expect(await totalRows()).toBe(0);
  });

  it('change all rows that match the criteria, and no other', async () => {
    const customers = [aCustomerRow(), aCustomerRow(), aCustomerRow()];
    const inserts = new UnitOfWork();
    for (const customer of customers) inserts.insert(Customer, customer);
    await write(inserts);
    const updates = customers.slice(0, 2).map(({ id }) => {
      const unit = new UnitOfWork();
      unit.update(
        Customer,
        { id, livemode: customers[0]?.livemode },
        { name: `new name of ${id}`, phone: null },
      );
      return unit;
    });

    await write(...updates);

    const rows = await dataSource.manager.find(Customer);
    expect(new Map(rows.map(({ id, name }) => [id, name]))).toEqual(
      new Map(customers.map(({ id, name }, index) => [id, index < 2 ? `new name of ${id}` : name])),
    );
  });

  it('conflict when the row to change is not as expected, and then none of the others is written', async () => {
    const [asExpected, changed] = [aUserRow(), aUserRow()];
    const inserts = new UnitOfWork();
    for (const user of [asExpected, changed]) inserts.insert(User, user);
    await write(inserts);
    const unit = unitOfACustomer();
    for (const user of [asExpected, { ...changed, email: 'other@example.test' }])
      unit.updateOne(User, { id: user.id, email: user.email }, { name: 'new' });

    const error: unknown = await write(unit).catch((caught: unknown) => caught);

    expect(databaseFaultOf(error)).toBe('conflict');
    expect(await totalRows()).toBe(2);
    expect(await dataSource.manager.countBy(User, { name: 'new' })).toBe(0);
  });

  it('cannot be written outside a transaction', async () => {
    await expect(writer.write(dataSource.manager, [unitOfACustomer()])).rejects.toThrow('transaction');
    expect(await totalRows()).toBe(0);
  });
});

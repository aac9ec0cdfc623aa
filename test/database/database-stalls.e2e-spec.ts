import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { findBrokenPromises } from '../support/database/invariants.js';
import { TcpProxy } from '../support/database/tcp-proxy.js';
import { request, TestApp } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

describe('a database that stalls', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let service: TestApp;

  beforeAll(async () => {
    database = await TestDatabase.create();
    const url = new URL(database.url);
    proxy = await TcpProxy.start(Number(url.port));
    url.port = String(proxy.port);
    service = await TestApp.start({ database, env: { DATABASE_URL: url.href, PROCESS_ROLES: 'api' } });
  });
  afterAll(async () => {
    await service.stop();
    await proxy.stop();
    await database.drop();
  });

  async function aNewEvent() {
    const { metadata } = await service.createUser();
    return anEvent(aCustomer({ metadata }));
  }

  const brokenPromises = (...acknowledged: string[]) =>
    findBrokenPromises((sql, values) => database.rows(sql, values), acknowledged);

  it('behind a lock is not waited for: every event gets 503 while the rest of the service works', async () => {
    const events = [];
    while (events.length < 40) events.push(await aNewEvent());
    const locker = new pg.Client({ connectionString: database.url });
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('begin; lock table customers');

    const answers = await Promise.all(events.map((event) => service.deliver(event)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect((await request(`${service.url}/health/ready`, {})).status).toBe(200);
    expect((await service.admin(`users/${(await service.createUser()).id}`)).status).toBe(200);
    await locker.query('rollback');
    const again = await Promise.all(events.map((event) => service.deliver(event)));
    expect(again.map(({ body }) => body.notifications_sent)).toEqual(events.map(() => 3));
    expect(await brokenPromises(...events.map(({ id }) => id))).toEqual({});
  });

  it('in one session delays only the events of that session, and these get 503', async () => {
    await service.deliver(await aNewEvent());
    const [session] = await database.rows<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'mingus-onboarding intake'
       order by state_change desc limit 1`,
    );
    const pid = session?.pid as number;
    let isStopped = true;
    onTestFinished(() => void (isStopped && process.kill(pid, 'SIGCONT')));
    const [stuck, other] = [await aNewEvent(), await aNewEvent()];

    process.kill(pid, 'SIGSTOP');
    let isAnswered = false;
    const answer = service.deliver(stuck).finally(() => {
      isAnswered = true;
    });
    await waitFor('the session is asked', () =>
      request(`${service.url}/metrics`, {}).then(({ body }) => /^webhook_waiting_events 0$/m.test(body)),
    );
    const otherAnswer = await service.deliver(other);

    expect({ status: otherAnswer.status, isAnswered }).toEqual({ status: 200, isAnswered: false });
    expect((await answer).status).toBe(503);
    isStopped = !process.kill(pid, 'SIGCONT');
    expect((await service.deliver(stuck)).body.success).toBe(true);
    expect(await brokenPromises(stuck.id, other.id)).toEqual({});
  });

  it('that is frozen makes every request 503, and the service works again once it is not', async () => {
    const event = await aNewEvent();
    const { id } = await service.createUser();
    proxy.freeze();
    onTestFinished(() => proxy.thaw());

    const [delivered, read, ready] = await Promise.all([
      service.deliver(event),
      service.admin(`users/${id}`),
      request(`${service.url}/health/ready`, {}),
    ]);

    expect([delivered.status, read.status, ready.status]).toEqual([503, 503, 503]);
    expect(read.body).toMatchObject({ code: 'database_unavailable', detail: 'The database does not answer' });
    proxy.thaw();
    await waitFor('works again', async () => (await service.admin(`users/${id}`)).status === 200);
    expect((await service.deliver(event)).status).toBe(200);
    expect(await brokenPromises(event.id)).toEqual({});
  });

  it.each(['cut', 'silence'] as const)(
    'whose answer to COMMIT is lost (%s) makes the event 503, and its redelivery changes nothing',
    async (fate) => {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata });
      const event = anEvent(customer);
      const lostBefore = proxy.lost;
      proxy.loseNextCommit(fate);

      const unknown = await service.deliver(event);

      expect(unknown.status).toBe(503);
      expect(proxy.lost).toBeGreaterThan(lostBefore);
      expect(await database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(1);
      const again = await service.deliver(event);
      expect(again.body).toEqual({
        success: true,
        message: 'Event already processed: nothing to do',
        changes: [],
        notifications_sent: 0,
      });
      expect(await database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(1);
      expect(await brokenPromises(event.id)).toEqual({});
    },
  );
});

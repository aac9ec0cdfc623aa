import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { findBrokenPromises } from '../support/database/invariants.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { TcpProxy } from '../support/database/tcp-proxy.js';
import { deliver, TestApp } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

/** Enough kills to detect a broken promise; `npm run chaos` kills many more, at named points. */
const KILLS = 5;
const PARALLEL = 8;
/** A process is killed after it has served between one and this many requests. */
const SERVED_MAX = 60;
const TIMEOUT_MS = 300_000;

describe('a service that is killed under load, again and again', () => {
  let database: TestDatabase;
  let env: Record<string, string>;

  beforeAll(async () => {
    database = await TestDatabase.create();
    const port = String(await findFreePort());
    env = productionEnvironment(database.url, 25, { PROCESS_ROLES: 'api', PORT: port });
  });
  afterAll(() => database.drop());

  it('loses no acknowledged event and does nothing twice', { timeout: TIMEOUT_MS }, async () => {
    const sql = (text: string, values?: unknown[]) => database.rows(text, values);
    let service = await ServiceProcess.start(env);
    onTestFinished(() => void service.child.kill('SIGKILL'));
    const sender = await StripeSender.create(service.url, sql);
    sender.start(PARALLEL);

    for (let kills = 0; kills < KILLS; kills += 1) {
      const goal = sender.count(200) + 1 + Math.floor(Math.random() * SERVED_MAX);
      await waitFor('requests served by this process', () => sender.count(200) >= goal);
      expect(await service.end('SIGKILL')).toBe('SIGKILL');
      service = await ServiceProcess.start(env);
    }
    await sender.finish();

    expect(sender.count(0), 'cut deliveries').toBeGreaterThanOrEqual(KILLS);
    expect(await findBrokenPromises(sql, sender.acknowledged)).toEqual({});
    expect(await service.end()).toBe(0);
  });
});

describe('a service that is killed in the middle of a COMMIT', () => {
  it.each([
    ['before it arrived', 'withheld', { notifications_sent: 3 }],
    ['before the event was acknowledged', 'silence', { notifications_sent: 0, changes: [] }],
  ] as const)(
    '(%s) has stored all or nothing, and the redelivery completes it',
    async (_, fate, redelivered) => {
      const other = await TestApp.start();
      onTestFinished(() => other.stop());
      const url = new URL(other.database.url);
      const proxy = await TcpProxy.start(Number(url.port));
      onTestFinished(() => proxy.stop());
      url.port = String(proxy.port);
      const service = await ServiceProcess.start(
        productionEnvironment(url.href, 25, { PROCESS_ROLES: 'api' }),
      );
      onTestFinished(() => void service.child.kill('SIGKILL'));
      const { metadata } = await other.createUser();
      const event = anEvent(aCustomer({ metadata }));
      proxy.loseNextCommit(fate);

      const [answer] = await Promise.allSettled([
        deliver(service.url, event),
        waitFor('COMMIT sent', () => proxy.lost).then(() => service.end('SIGKILL')),
      ]);

      expect(answer.status).toBe('rejected');
      const again = await other.deliver(event);
      expect(again.body).toMatchObject({ success: true, ...redelivered });
      const sql = (text: string, values?: unknown[]) => other.database.rows(text, values);
      expect(await findBrokenPromises(sql, [event.id])).toEqual({});
      expect(await other.database.count('customers')).toBe(1);
    },
  );
});

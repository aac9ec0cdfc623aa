import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { HAS_PGBOUNCER, PgBouncer } from '../support/database/pgbouncer.js';
import { TestDatabase } from '../support/database/test-database.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const EVENTS = 60;

/** Prepared statements need a session: PgBouncer 1.18 only keeps them with session pooling. */
describe.skipIf(!HAS_PGBOUNCER).each([
  ['session', 'true'],
  ['session', 'false'],
  ['transaction', 'false'],
] as const)('behind PgBouncer, %s pooling, DATABASE_PREPARED_STATEMENTS=%s', (mode, prepared) => {
  let bouncer: PgBouncer;
  let service: TestApp;

  beforeAll(async () => {
    const database = await TestDatabase.create();
    bouncer = await PgBouncer.start(database.url, mode);
    const env = { DATABASE_URL: bouncer.url, DATABASE_PREPARED_STATEMENTS: prepared };
    // The job engine's LISTEN needs a session.
    service = await TestApp.start({ database, env, jobs: mode === 'session' });
  });
  afterAll(async () => {
    await service.stop();
    await bouncer.stop();
    await service.database.drop();
  });

  it('creates customers in batches, each once', async () => {
    const customers = await Promise.all(
      Array.from({ length: EVENTS }, async () => {
        const { metadata } = await service.createUser();
        return aCustomer({ metadata });
      }),
    );

    const answers = await Promise.all(customers.map((customer) => service.deliver(anEvent(customer))));
    const again = await Promise.all(customers.map((customer) => service.deliver(anEvent(customer))));

    expect(answers.map(({ status, body }) => [status, body.notifications_sent])).toEqual(
      customers.map(() => [200, 3]),
    );
    expect(again.map(({ body }) => body.notifications_sent)).toEqual(customers.map(() => 0));
    expect(await service.database.count('customers')).toBe(EVENTS);
    expect(await service.database.count('notifications')).toBe(3 * EVENTS);
  });

  it('answers the admin API', async () => {
    const { status, body } = await service.admin('customers?limit=1');
    expect([status, body.items.length]).toEqual([200, 1]);
  });

  it.runIf(mode === 'session')('delivers messages', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
  });
});

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { assertMigrated, migrateDatabase, SchemaTooNew } from '../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../src/platform/database/migrations.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { request, TestApp } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';

const INSTANCES = 5;

describe('a release, beside a newer one that has migrated the database', () => {
  /** The service that was running before. */
  let service: TestApp;
  let customer: ReturnType<typeof aCustomer>;

  beforeAll(async () => {
    service = await TestApp.start({ env: { PROCESS_ROLES: 'api' } });
    customer = aCustomer({ metadata: (await service.createUser()).metadata });
    await service.deliver(anEvent(customer));
    await service.database.rows('alter table customers add column tier text');
    await service.database.rows(`alter table notifications add column priority int not null default 0`);
    await service.database.rows(`insert into migrations (timestamp, name) values (9999, 'AddTier9999')`);
  });
  afterAll(() => service.stop());

  it('is ready and does all its work while it runs', async () => {
    const { metadata } = await service.createUser();

    const created = await service.deliver(anEvent(aCustomer({ metadata })));
    const updated = await service.deliver(
      anEvent(
        { ...customer, name: 'Grace' },
        { type: 'customer.updated', created: Number(customer.created) + 60 },
      ),
    );

    expect([created.status, created.body.notifications_sent]).toEqual([200, 3]);
    expect([updated.status, updated.body.success]).toEqual([200, true]);
    expect((await service.admin(`customers/${customer.id}`)).body.name).toBe('Grace');
    expect((await request(`${service.url}/health/ready`, {})).status).toBe(200);
  });

  it.each([
    ['check', () => assertMigrated(service.database.url)],
    ['run', () => migrateDatabase(service.database.url)],
  ])('does not start again (MIGRATIONS=%s), and reports why and what to do', async (_, prepare) => {
    const refusal: unknown = await prepare().catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(SchemaTooNew);
    expect(String(refusal)).toMatch(/newer than this release \(unknown to it: AddTier9999\).*tolerate-newer/);
  });

  it('starts when it is configured to tolerate that', async () => {
    await expect(assertMigrated(service.database.url, true)).resolves.toMatchObject({
      schema: 'AddTier9999',
    });
  });
});

describe('an empty database', () => {
  it(`is migrated once by ${INSTANCES} instances that start together`, async () => {
    const database = await TestDatabase.create('template1');
    onTestFinished(() => database.drop());

    await Promise.all(Array.from({ length: INSTANCES }, () => migrateDatabase(database.url)));

    expect(await database.rows('select name from migrations order by id')).toEqual(
      MIGRATIONS.map(({ name }) => ({ name })),
    );
    await expect(assertMigrated(database.url)).resolves.toMatchObject({ schema: MIGRATIONS.at(-1)?.name });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { CollectorClient, streamOf } from '../support/collector.js';
import { TestApp } from '../support/test-app.js';

describe('the behaviour of a person', () => {
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start();
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  const canaries = async () =>
    (await service.database.dump()).split('\n').filter((line) => /canary/i.test(line));
  const erase = (path: string, id: string) => service.admin(`${path}/${id}/erase`, { confirm: id });

  /** Sends what a person did, before and after they were known. */
  async function behave(userId: string): Promise<void> {
    const anonymousId = `canary visitor of ${userId}`;
    const context = { page: { url: 'https://x.test/?email=canary@example.com' } };
    await client.batch({ type: 'page', anonymousId, context });
    await client.batch(
      { type: 'identify', userId, anonymousId, traits: { email: 'canary@example.com' } },
      { type: 'track', event: 'Bought', userId, properties: { note: 'Canary' } },
    );
  }

  async function aPerson() {
    const { id: userId, metadata } = await service.createUser({ name: 'Canary' });
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    await behave(userId);
    return { userId, customer, metadata };
  }

  it('is part of the export', async () => {
    const { userId, customer } = await aPerson();

    const { tables } = (await service.admin(`customers/${customer.id}/export`)).body;

    expect(tables.people).toMatchObject([{ user_id: userId }]);
    expect(tables.anonymous_ids).toMatchObject([{ anonymous_id: `canary visitor of ${userId}` }]);
    expect(tables.behaviour_events.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      '$identify',
      '$page',
      'Bought',
    ]);
    await erase('customers', customer.id);
  });

  it.each([
    ['customer', async () => (await aPerson()).customer.id, 'customers'],
    ['user', async () => (await aPerson()).userId, 'users'],
    [
      'user without any other row',
      async () => {
        await behave('canary-only-behaviour');
        return 'canary-only-behaviour';
      },
      'users',
    ],
  ])('keeps its counts and loses all that names the person when the %s is erased', async (_, make, path) => {
    const before = await streamOf(service);
    const id = await make();
    const stored = await streamOf(service);

    expect((await erase(path, id)).status).toBe(200);

    const events = await streamOf(service);
    expect(events.map(({ name, occurredAt }) => [name, occurredAt])).toEqual(
      stored.map(({ name, occurredAt }) => [name, occurredAt]),
    );
    expect(await service.database.count('behaviour_events', 'person_id is null')).toBe(0);
    for (const event of events.slice(before.length))
      expect(event).toMatchObject({ userId: null, anonymousId: null, properties: {}, context: {} });
    expect((await canaries()).filter((line) => !line.includes('audit_entries'))).toEqual([]);
  });

  it.each([
    ['has events', true],
    ['has none', false],
  ])('is erased where other users were joined with it, also if the person %s', async (_, hasEvents) => {
    const userId = `canary-former-${hasEvents}`;
    await service.createUser({ id: userId });
    if (hasEvents) await client.batch({ type: 'track', event: 'Did', userId });
    await client.send('alias', { userId: 'heir', previousId: userId });
    await client.batch(
      { type: 'track', event: 'Did', userId: 'heir', anonymousId: userId },
      { type: 'track', event: 'Did', anonymousId: userId },
    );
    const events = await streamOf(service, `user_id = 'heir'`);

    expect((await erase('users', userId)).status).toBe(200);

    expect((await canaries()).filter((line) => !line.includes('audit_entries'))).toEqual([]);
    expect(await streamOf(service, `user_id = 'heir'`)).toEqual(events);
  });

  it('stays while the user has another customer', async () => {
    const { userId, customer, metadata } = await aPerson();
    const second = aCustomer({ metadata });
    await service.deliver(anEvent(second));

    await erase('customers', customer.id);
    expect(await streamOf(service, 'user_id = $1', [userId])).toHaveLength(3);

    await erase('customers', second.id);
    expect(await streamOf(service, 'user_id = $1', [userId])).toEqual([]);
  });

  it('starts again with the first event after the erasure', async () => {
    const { userId } = await aPerson();
    await erase('users', userId);

    const anonymousId = `canary visitor of ${userId}`;
    await client.batch({ type: 'track', event: 'Back', userId }, { type: 'page', anonymousId });

    expect(await streamOf(service, 'user_id = $1', [userId])).toMatchObject([{ name: 'Back' }]);
    expect(await streamOf(service, 'anonymous_id = $1', [anonymousId])).toMatchObject([{ userId: null }]);
  });

  it('is gone after an erasure in the middle of a flood of events', async () => {
    const { userId, customer } = await aPerson();
    const anonymousId = `canary visitor of ${userId}`;
    const flood = Array.from({ length: 30 }, (_, n) => {
      const identity = n % 2 ? { userId } : { anonymousId };
      return client.batch({
        type: 'track',
        event: 'Flood',
        ...identity,
        properties: { text: 'Canary flood' },
      });
    });
    const erased = erase('customers', customer.id);
    const answers = await Promise.all([erased, ...flood]);

    expect(answers.map(({ status }) => status)).toEqual(Array(31).fill(200));
    const orphans = await service.database.rows(
      `select from behaviour_events join people using (person_id)
       where user_id is null and (properties <> '{}' or anonymous_id is not null)`,
    );
    expect(orphans).toEqual([]);
    const owners = await service.database.rows('select from people where user_id = $1', [userId]);
    expect(owners.length).toBeLessThanOrEqual(1);
    expect(await streamOf(service, `name = 'Flood'`)).toHaveLength(30);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeEventBodiesJob } from '../../src/webhooks/stored-events/retention/purge-event-bodies.job.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('the search among events', () => {
  let service: TestApp;
  const stored = aCustomer({ email: 'Ada@Bücher.example' });
  const refused = aCustomer({ email: 'ADA@xn--bcher-kva.example', balance: 'much' });
  const created = anEvent(stored);
  const rejected = anEvent(refused);

  beforeAll(async () => {
    service = await TestApp.start();
    await service.createUser({ id: stored.metadata.mingus_user_id });
    await service.deliver(created);
    await service.deliver(rejected);
    await service.deliver(anEvent(aCustomer({ metadata: {} })));
    await service.deliver(
      anEvent(aCustomer({ email: 'ada@elsewhere.example' }), { type: 'invoice.created' }),
    );
  });
  afterAll(() => service.stop());

  const search = async (query: Record<string, string>): Promise<string[]> => {
    const { status, body } = await service.admin(`webhook-events?${new URLSearchParams(query).toString()}`);
    expect(status).toBe(200);
    return body.items.map(({ stripeEventId }: { stripeEventId: string }) => stripeEventId);
  };

  it.each(['ada@bücher.example', 'ADA@BÜCHER.EXAMPLE', 'ada@xn--bcher-kva.example', '"ada"@bücher.example'])(
    'finds every spelling of an address, for customers and for rejected events: %s',
    async (email) => {
      expect(await search({ email })).toEqual([rejected.id, created.id]);
    },
  );

  it('finds by customer, user and event, alone and together', async () => {
    expect(await search({ stripeCustomerId: stored.id })).toEqual([created.id]);
    expect(await search({ stripeCustomerId: refused.id })).toEqual([rejected.id]);
    expect(await search({ userId: stored.metadata.mingus_user_id ?? '' })).toEqual([created.id]);
    expect(await search({ userId: refused.metadata.mingus_user_id ?? '' })).toEqual([rejected.id]);
    expect(await search({ stripeEventId: rejected.id })).toEqual([rejected.id]);
    expect(await search({ email: 'ada@bücher.example', outcome: 'rejected' })).toEqual([rejected.id]);
    expect(await search({ email: 'ada@bücher.example', stripeCustomerId: stored.id })).toEqual([created.id]);
    expect(await search({ email: 'ada@bücher.example', stripeEventId: created.id })).toEqual([created.id]);
    expect(await search({ email: 'nobody@example.com' })).toEqual([]);
    expect(await search({ stripeCustomerId: 'cus_unknown' })).toEqual([]);
  });

  it('returns its results in pages', async () => {
    const first = await service.admin('webhook-events?email=ada@b%C3%BCcher.example&limit=1');
    const cursor = first.body.nextCursor;
    const second = await service.admin(
      `webhook-events?email=ada@b%C3%BCcher.example&limit=1&cursor=${cursor}`,
    );

    expect(second.body.items).toMatchObject([{ stripeEventId: created.id }]);
    expect(second.body.nextCursor).toBeNull();
  });

  it.each([
    'email=',
    `email=${'x'.repeat(255)}`,
    'email=a%00@example.com',
    'email=a&email=b',
    'userId=',
    `userId=${'x'.repeat(65)}`,
    'stripeCustomerId=',
    'stripeCustomerId=cus%20x',
    `stripeCustomerId=${'x'.repeat(256)}`,
    'stripeEventId=%0A',
    'stripeEventId[]=evt_x',
    'customer=cus_x',
  ])('refuses %s', async (query) => {
    expect((await service.admin(`webhook-events?${query}`)).status).toBe(400);
  });

  it.each(["'; drop table webhook_events --", '%', '_@_', '\\', '😀', '@', 'a@', '@b', 'xn--@xn--'])(
    'treats %s as an address without results',
    async (email) => {
      expect(await search({ email })).toEqual([]);
    },
  );

  it('accepts the filters of a bulk replay, except addresses, which a replay would store', async () => {
    const start = (filter: object) => service.admin('webhook-event-replays', { filter, dryRun: true });

    expect((await start({ stripeCustomerId: refused.id })).body).toMatchObject({ total: 1 });
    expect((await start({ userId: stored.metadata.mingus_user_id })).body).toMatchObject({ total: 1 });
    expect((await start({ email: 'ada@bücher.example' })).status).toBe(400);
  });

  it('no longer finds an address after its event body was removed', async () => {
    await service.database.rows(
      `update webhook_events set received_at = received_at - interval '10 years' where stripe_event_id = $1`,
      [rejected.id],
    );
    await service.app.get(PurgeEventBodiesJob).run();

    expect(await search({ email: 'ada@bücher.example' })).toEqual([created.id]);
    expect(await search({ stripeCustomerId: refused.id })).toEqual([rejected.id]);
  });
});

describe('the search among the events of a customer with several addresses', () => {
  let service: TestApp;
  const first = aCustomer({ email: 'First@Bücher.example' });
  const created = anEvent(first, { created: 1_800_000_000 });
  const moved = anEvent(
    { ...first, email: 'second@example.com' },
    { type: 'customer.updated', created: 1_800_000_100 },
  );
  const between = anEvent(
    { ...first, email: 'Between@Bücher.example' },
    { type: 'customer.updated', created: 1_800_000_050 },
  );
  const refused = anEvent(
    { ...first, email: 'Refused at Bücher.example' },
    { type: 'customer.updated', created: 1_800_000_200 },
  );
  const faulty = anEvent(
    { ...first, email: 'Faulty@Bücher.example', balance: 'much' },
    { type: 'customer.updated', created: 1_800_000_300 },
  );
  const all = [faulty.id, refused.id, between.id, moved.id, created.id];

  beforeAll(async () => {
    service = await TestApp.start();
    await service.createUser({ id: first.metadata.mingus_user_id });
    for (const event of [created, moved, between, refused, faulty]) await service.deliver(event);
  });
  afterAll(() => service.stop());

  const search = async (query: Record<string, string>): Promise<string[]> => {
    const { status, body } = await service.admin(`webhook-events?${new URLSearchParams(query).toString()}`);
    expect(status).toBe(200);
    return body.items.map(({ stripeEventId }: { stripeEventId: string }) => stripeEventId);
  };

  it.each([
    ['the present address', 'SECOND@example.com', all],
    ['a former address', 'first@bücher.example', all],
    ['a former address in punycode', 'FIRST@xn--bcher-kva.example', all],
    ['an address of an update that came too late', 'between@xn--bcher-kva.example', [between.id]],
    ['an invalid address of an update', 'refused at bücher.example', [refused.id]],
    [
      'the address of an update that was refused for another field',
      'faulty@xn--bcher-kva.example',
      [faulty.id],
    ],
  ])('finds %s', async (_, email, expected) => {
    expect(await search({ email })).toEqual(expected);
  });

  it('combines these addresses with the other filters', async () => {
    const email = 'faulty@bücher.example';

    expect(await search({ email, stripeCustomerId: first.id })).toEqual([faulty.id]);
    expect(await search({ email, userId: first.metadata.mingus_user_id ?? '' })).toEqual([faulty.id]);
    expect(await search({ email, stripeCustomerId: 'cus_other' })).toEqual([]);
    expect(await search({ email, userId: 'somebody-else' })).toEqual([]);
    expect(await search({ email: 'first@bücher.example', outcome: 'updated' })).toEqual([moved.id]);
    expect(await search({ email: 'first@bücher.example', stripeCustomerId: 'cus_other' })).toEqual([]);
  });

  it('finds nothing after the erasure, and none of the addresses is stored', async () => {
    await service.admin('suppressions', { address: 'faulty@bücher.example' });

    await service.admin(`customers/${first.id}/erase`, { confirm: first.id });

    for (const email of ['first@bücher.example', 'refused at bücher.example', 'faulty@bücher.example'])
      expect(await search({ email })).toEqual([]);
    const dump = (await service.database.dump()).split('\n');
    const left = /(first|between|refused|faulty)( at |@)bücher|@xn--bcher|second@example/i;
    expect(dump.filter((line) => left.test(line))).toEqual([]);
  });
});

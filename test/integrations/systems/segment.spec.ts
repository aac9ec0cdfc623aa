import { Analytics } from '@segment/analytics-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BatchRefused,
  type ConnectorSession,
  type OutgoingEvent,
} from '../../../src/integrations/connectors/connector.js';
import { SegmentConnector } from '../../../src/integrations/systems/segment.connector.js';
import { FakeSegment } from '../../support/connectors/fake-segment.js';
import { aRow, openSession } from '../../support/connectors/open-session.js';

const connector = new SegmentConnector();
const EVENT: OutgoingEvent = {
  type: 'payment.succeeded',
  data: { stripeInvoiceId: 'in_1', currency: 'usd', amountMinor: 1900 },
  sequence: 4,
  occurredAt: new Date('2026-11-02T10:20:30.400Z'),
};

describe('Segment-compatible HTTP', () => {
  let segment: FakeSegment;
  let session: ConnectorSession;

  const open = (secrets = {}) =>
    openSession(
      connector,
      { baseUrl: segment.url, publicApiUrl: segment.url },
      { writeKey: segment.writeKey, publicApiToken: segment.publicApiToken, ...secrets },
    );

  beforeAll(async () => {
    segment = await new FakeSegment().start();
    session = open();
  });
  afterAll(() => segment.stop());
  afterEach(() => {
    segment.requests.length = 0;
    segment.dropped.length = 0;
    segment.failAlways(null);
    segment.checksKeys = false;
  });

  const eventsOf = (customerId: string) => segment.events.filter(({ userId }) => userId === customerId);

  it('gets a person as the user of our id, and its changes', async () => {
    const row = aRow('upsertPerson', { fields: { email: 'ada@example.com', lifecycleStage: 'trialing' } });
    const changed = aRow('upsertPerson', { person: row.person, fields: { lifecycleStage: 'active' } });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(await connector.deliver([changed], session)).toEqual([{ result: 'accepted' }]);
    expect(segment.users.get(row.person.customerId)).toEqual({
      email: 'ada@example.com',
      lifecycleStage: 'active',
    });
    expect(segment.dropped).toEqual([]);
  });

  it('gets a fact as an event with its values, at its time', async () => {
    const row = aRow('trackEvent', { event: EVENT });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(eventsOf(row.person.customerId)).toMatchObject([
      {
        type: 'track',
        event: 'payment.succeeded',
        properties: { ...EVENT.data, sequence: 4 },
        timestamp: '2026-11-02T10:20:30.400Z',
        messageId: row.deliveryId,
      },
    ]);
  });

  it.each([
    ['an event', aRow('trackEvent', { event: EVENT })],
    ['a person', aRow('upsertPerson', { fields: { name: 'Ada' } })],
  ])('takes %s once, also when its answer was lost', async (_what, row) => {
    segment.failNext({ act: 'hang up', after: true });
    await expect(connector.deliver([row], session)).rejects.toMatchObject({ mayHaveArrived: true });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(eventsOf(row.person.customerId)).toHaveLength(1);
    expect(segment.dropped).toEqual(['duplicate']);
  });

  it('never sees an event that it would drop for its size; the others get through', async () => {
    const [good, huge] = [
      aRow('upsertPerson', { fields: { name: 'Ada' } }),
      aRow('upsertPerson', { fields: { name: '👩‍🚀'.repeat(3000) } }),
    ];
    expect(await connector.deliver([huge, good], session)).toEqual([
      { result: 'rejected', code: 'too_large', detail: expect.stringContaining('at most 32000') },
      { result: 'accepted' },
    ]);
    expect(segment.users.has(good.person.customerId)).toBe(true);
    expect(segment.dropped).toEqual([]);
  });

  it.each([
    ['400', { status: 400, body: { success: false } }, 'http_400'],
    ['413', { status: 413 }, 'http_413'],
    ['a success that was none', { status: 200, body: { success: false } }, 'not_successful'],
  ])('refuses a whole batch with %s', async (_what, answer, code) => {
    segment.failNext({ answer });
    const refused = connector.deliver([aRow('trackEvent', { event: EVENT })], session);
    await expect(refused).rejects.toBeInstanceOf(BatchRefused);
    await expect(refused).rejects.toMatchObject({ code });
  });

  it.each([
    ['plain text', { status: 200, body: 'OK' }],
    ['no content', { status: 204 }],
  ])('may confirm with %s', async (_what, answer) => {
    segment.failNext({ answer });
    const results = await connector.deliver([aRow('trackEvent', { event: EVENT })], session);
    expect(results).toEqual([{ result: 'accepted' }]);
  });

  it('pauses when a receiver refuses its key, and waits when it is asked too often', async () => {
    segment.checksKeys = true;
    const rows = [aRow('upsertPerson'), aRow('upsertPerson')];
    expect(await connector.deliver(rows, open({ writeKey: 'wrong' }))).toEqual([
      { result: 'auth', code: 'http_401' },
      { result: 'auth', code: 'http_401' },
    ]);
    segment.failNext({ answer: { status: 429, headers: { 'retry-after': '40' } } });
    const [result] = await connector.deliver(rows, session);
    expect(result).toMatchObject({ result: 'quota', code: 'http_429', at: expect.any(Date) });
  });

  it('deletes an erased person, and drops what comes later', async () => {
    const row = aRow('upsertPerson', { fields: { name: 'Ada' } });
    await connector.deliver([row], session);
    const { customerId, stripeCustomerId } = row.person;
    const erased = { customerId, stripeCustomerId, foreignIds: [], created: [] };
    expect(await connector.erase(erased, session)).toEqual({ receipt: 'accepted' });
    await connector.deliver([aRow('trackEvent', { person: row.person, event: EVENT })], session);
    expect([segment.users.has(customerId), eventsOf(customerId)]).toEqual([false, []]);
    expect(segment.dropped).toEqual(['suppressed']);
  });

  it.each([
    ['accepts a person that it does not know', {}, null, { receipt: 'accepted' }],
    ['cannot do it without a token', { publicApiToken: '' }, null, { receipt: 'unsupported' }],
    ['waits for a better token', { publicApiToken: 'wrong' }, null, { result: 'auth', code: 'http_401' }],
    ['says that it refuses', {}, { status: 422 }, { receipt: 'refused', code: 'http_422' }],
  ])('when a person is erased, %s', async (_what, secrets, answer, expected) => {
    if (answer) segment.failNext({ answer });
    const { customerId, stripeCustomerId } = aRow('upsertPerson').person;
    const erased = { customerId, stripeCustomerId, foreignIds: [], created: [] };
    expect(await connector.erase(erased, open(secrets))).toEqual(expected);
  });

  it('says how it is, and that a success does not prove the write key', async () => {
    const health = { missingScopes: [], missingFields: [], quota: null };
    const unknown = { ...health, credential: 'unknown' };
    expect(await connector.health(session)).toEqual({ ...unknown, account: '9aQ1Lj62S4' });
    expect(await connector.health(open({ publicApiToken: '' }))).toEqual({ ...unknown, account: null });
    expect(await connector.health(open({ publicApiToken: 'wrong' }))).toEqual({
      ...unknown,
      missingScopes: ['Public API'],
      account: null,
    });
    segment.checksKeys = true;
    expect(await connector.health(open({ writeKey: 'wrong' }))).toMatchObject({ credential: 'refused' });
    expect(segment.events.some(({ userId }) => userId === undefined)).toBe(false);
  });

  it.each([
    ['a person', aRow('upsertPerson', { fields: { name: 'Ada' } })],
    ['an event', aRow('trackEvent', { event: EVENT })],
  ])('plans exactly what it sends for %s, without its key', async (_what, row) => {
    const { headers, ...planned } = connector.plan(row, session);
    await connector.deliver([row], session);
    const [sent] = segment.requests;
    expect(planned).toEqual({ method: sent?.method, url: `${segment.url}${sent?.path}`, body: sent?.body });
    expect(headers).toEqual({ authorization: 'Basic <writeKey>' });
  });

  it.each([
    ['quotes', `Robert"); drop table--'`],
    ['emoji', '👩‍🚀 Ada ﷽'],
    ['10,000 letters', 'x'.repeat(10_000)],
  ])('keeps a name of %s as it is', async (_what, name) => {
    const row = aRow('upsertPerson', { fields: { name } });
    await connector.deliver([row], session);
    expect(segment.users.get(row.person.customerId)).toEqual({ name });
  });

  it('is, to its official client, like the real one, and gets the same from both', async () => {
    const reported: string[] = [];
    const sendBy = async (writeKey: string, calls: (analytics: Analytics) => void) => {
      const analytics = new Analytics({ host: segment.url, writeKey, maxRetries: 0 });
      analytics.on('error', ({ reason }) => reported.push(String(reason)));
      calls(analytics);
      await analytics.closeAndFlush();
    };
    const row = aRow('trackEvent', { event: EVENT });
    const { customerId: userId } = row.person;
    const { data, sequence, occurredAt: timestamp } = EVENT;
    await sendBy(segment.writeKey, (analytics) => {
      analytics.identify({ userId, traits: { name: 'Ada' } });
      analytics.track({
        userId,
        event: EVENT.type,
        properties: { ...data, sequence },
        timestamp,
        messageId: row.deliveryId,
      });
    });
    expect(reported).toEqual([]);
    expect(segment.users.get(userId)).toEqual({ name: 'Ada' });
    const [, byClient] = eventsOf(userId);
    const [ours] = (connector.plan(row, session).body as { batch: object[] }).batch;
    const { context: _context, ...common } = ours as Record<string, unknown>;
    expect(byClient).toMatchObject(common);
    await connector.deliver([row], session);
    expect(segment.dropped).toEqual(['duplicate']);
    segment.checksKeys = true;
    await sendBy('wrong', (analytics) => analytics.track({ userId, event: 'Lost' }));
    expect(reported).toEqual([expect.stringContaining('[401]')]);
  });
});

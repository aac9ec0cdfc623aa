import { APIClient, CustomerIORequestError, IdentifierType, TrackClient } from 'customerio-node';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BatchRefused,
  type ConnectorSession,
  type OutgoingEvent,
  ReadFailed,
} from '../../../src/integrations/connectors/connector.js';
import { CustomerIoConnector } from '../../../src/integrations/systems/customerio.connector.js';
import { FakeCustomerIo } from '../../support/connectors/fake-customerio.js';
import { aRow, openSession } from '../../support/connectors/open-session.js';

const connector = new CustomerIoConnector();
const EVENT: OutgoingEvent = {
  type: 'customer.stage_changed',
  data: { from: 'trialing', to: 'active' },
  sequence: 3,
  occurredAt: new Date('2026-11-02T10:20:30.400Z'),
};

/** The client sets the length beside `fetch`, which undici refuses. */
const lengthOnce = new Agent().compose((dispatch) => (options, handler) => {
  const headers = Object.entries(options.headers ?? {}).filter(([name]) => !/^content-length$/i.test(name));
  return dispatch({ ...options, headers: Object.fromEntries(headers) }, handler);
});

describe('Customer.io', () => {
  let cio: FakeCustomerIo;
  let session: ConnectorSession;

  beforeAll(async () => {
    cio = await new FakeCustomerIo().start();
    session = openSession(
      connector,
      { baseUrl: cio.url, siteId: cio.siteId },
      { trackKey: cio.trackKey, appKey: cio.appKey },
    );
  });
  afterAll(() => cio.stop());
  afterEach(() => {
    cio.failAlways(null);
    cio.requests.length = 0;
    [cio.trackKey, cio.appKey, cio.regionUrl, cio.emailsIdentify] = ['track-key', 'app-key', null, true];
    // No identifier was refused behind a 200.
    expect(cio.failures.splice(0)).toEqual([]);
  });

  const person = (fields = {}, changes = {}) => {
    const row = aRow('upsertPerson', changes);
    return { ...row, fields: { email: row.person.email, ...fields } };
  };
  const batches = () => cio.received(/v2\/batch$/);

  it('gets a new person by our id', async () => {
    const row = person({ first_name: 'Ada', created_at: 1790000000 });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(cio.byId(row.person.customerId)).toMatchObject({
      email: row.person.email,
      attributes: { first_name: 'Ada', created_at: 1790000000 },
    });
  });

  it('changes a person, also the email that identifies it', async () => {
    const row = person({ lifecycle_stage: 'trialing' });
    await connector.deliver([row], session);
    const changed = { ...row, fields: { email: `New.${row.person.email}`, lifecycle_stage: 'active' } };
    const [result] = await connector.deliver([changed], session);
    const profile = cio.byId(row.person.customerId);
    expect(result).toEqual({ result: 'accepted', foreignId: profile?.cioId });
    expect(profile).toMatchObject({
      email: `new.${row.person.email}`,
      attributes: { lifecycle_stage: 'active' },
    });
  });

  it('adopts a person who is there by email only', async () => {
    const row = person({ email: 'Lead@Example.com', plan: 'gold' });
    const lead = cio.add({ email: 'lead@example.com', attributes: { source: 'fair' } });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted', foreignId: lead.cioId }]);
    expect(cio.byId(row.person.customerId)).toMatchObject({
      cioId: lead.cioId,
      attributes: { source: 'fair', plan: 'gold' },
    });
  });

  it('takes no email from another person', async () => {
    const [good, taken, first, second, own] = [person(), person(), person(), person(), person()];
    cio.add({ id: 'app-user-17', email: taken.person.email });
    second.fields = { email: first.person.email };
    cio.add({ id: own.person.customerId, email: 'before@example.com' });
    cio.add({ email: own.person.email });
    const results = await connector.deliver([good, taken, first, second, own], session);
    const another = { result: 'rejected', code: 'email_of_another_person' };
    expect(results).toMatchObject([
      { result: 'accepted' },
      another,
      { result: 'accepted' },
      another,
      another,
    ]);
    expect(batches().flatMap(({ body }) => body.batch)).toHaveLength(2);
  });

  it('writes emails without a search where they do not identify', async () => {
    cio.emailsIdentify = false;
    expect(await connector.deliver([person()], session)).toEqual([{ result: 'accepted' }]);
  });

  it('refuses one person of a batch without harm to the others', async () => {
    const [one, bad, other] = [person(), person({ email: 'none' }), person()];
    expect(await connector.deliver([one, bad, other], session)).toEqual([
      { result: 'accepted' },
      { result: 'rejected', code: 'invalid_email', detail: expect.stringContaining('attributes.email') },
      { result: 'accepted' },
    ]);
    expect(cio.byId(other.person.customerId)).toBeDefined();
    expect(batches()).toHaveLength(1);
  });

  it.each([
    ['a whole batch', { status: 400, body: { errors: [{ reason: 'invalid', field: 'batch' }] } }],
    ['an item that it does not name', { status: 207, body: { errors: [{ reason: 'invalid' }] } }],
    ['an item without an error', { status: 207, body: {} }],
  ])('refuses %s, so that the rows are sent again one by one', async (_what, answer) => {
    cio.failNext({ answer });
    const row = aRow('trackEvent', { event: EVENT });
    await expect(connector.deliver([row], session)).rejects.toBeInstanceOf(BatchRefused);
  });

  it.each(['trackKey', 'appKey'] as const)('pauses when its %s is refused', async (key) => {
    cio[key] = 'rotated';
    const results = await connector.deliver([person(), person()], session);
    expect(results).toEqual([1, 2].map(() => ({ result: 'auth', code: 'http_401' })));
  });

  it('waits when it is asked too often', async () => {
    cio.failAlways({ answer: { status: 429, headers: { 'retry-after': '40' } } });
    const [result] = await connector.deliver([person()], session);
    expect(result).toMatchObject({ result: 'quota', code: 'http_429', at: expect.any(Date) });
    await expect(connector.readBack([person()], session)).rejects.toMatchObject({
      result: { result: 'quota', at: expect.any(Date) },
    });
  });

  it.each([
    ['an event', aRow('trackEvent', { event: EVENT }), 'customer.stage_changed'],
    ['a journey', aRow('startJourney', { fields: { journey: 'win back' } }), 'win back'],
  ])('takes %s once, also when its answer was lost', async (_what, row, name) => {
    await connector.deliver([person({}, { person: row.person })], session);
    cio.failNext({ act: 'hang up', after: true });
    await expect(connector.deliver([row], session)).rejects.toMatchObject({ mayHaveArrived: true });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    const cioId = cio.byId(row.person.customerId)?.cioId;
    const events = cio.events.filter((event) => event.cioId === cioId);
    expect(events.map((event) => event.name)).toEqual([name]);
    if (row.event)
      expect(events[0]).toMatchObject({
        timestamp: 1793614830,
        attributes: { from: 'trialing', to: 'active', sequence: 3 },
      });
  });

  it('gives the present attributes, in the order of the rows, also of a person known by email only', async () => {
    const rows = Array.from({ length: 120 }, () => person());
    const [first, ...others] = rows;
    const last = others.at(-1);
    cio.add({ id: first?.person.customerId ?? '', attributes: { timezone: 'Europe/Berlin' } });
    cio.add({ email: last?.person.email ?? '', attributes: { first_name: 'Augusta' } });
    const fields = await connector.readBack(rows, session);
    expect(fields[0]).toMatchObject({ timezone: 'Europe/Berlin' });
    expect(fields[119]).toMatchObject({ first_name: 'Augusta' });
    expect(fields.slice(1, 119)).toEqual(Array.from({ length: 118 }, () => null));
  });

  it('deletes an erased person for good, and does not take it again', async () => {
    const row = person();
    await connector.deliver([row], session);
    const moved = cio.add({ id: 'changed-by-hand', email: 'moved@example.com' });
    const { customerId, stripeCustomerId } = row.person;
    const erased = { customerId, stripeCustomerId, foreignIds: [moved.cioId], created: [] };
    expect(await connector.erase(erased, session)).toEqual({ receipt: 'accepted' });
    expect(await connector.erase(erased, session)).toEqual({ receipt: 'accepted' });
    await connector.deliver([row], session);
    expect(cio.byId(customerId)).toBeUndefined();
    expect(cio.profiles).not.toContain(moved);
    expect(cio.suppressed).toContain(row.person.email);
  });

  it.each([
    ['blocks the id of a person that is not there', null, { receipt: 'accepted' }],
    ['says that it refuses', { status: 400 }, { receipt: 'refused', code: 'http_400' }],
    [
      'says why it refuses one id',
      { status: 207, body: { errors: [{ batch_index: 0, reason: 'Not allowed' }] } },
      { receipt: 'refused', code: 'not_allowed' },
    ],
    ['asks to try later', { status: 503 }, { result: 'retry', code: 'http_503', at: null }],
  ])('when a person is erased, %s', async (_what, answer, expected) => {
    if (answer) cio.failNext({ answer });
    const { customerId, stripeCustomerId } = aRow('upsertPerson').person;
    const erased = { customerId, stripeCustomerId, foreignIds: [], created: [] };
    expect(await connector.erase(erased, session)).toEqual(expected);
    expect(cio.suppressed.has(customerId)).toBe(answer === null);
  });

  it('says how it is', async () => {
    const well = { credential: 'accepted', missingScopes: [], missingFields: [], quota: null, account: '3' };
    expect(await connector.health(session)).toEqual(well);
    [cio.appKey, cio.regionUrl] = ['rotated', 'https://track-eu.customer.io'];
    expect(await connector.health(session)).toEqual({
      ...well,
      missingScopes: ['App API: read people', 'Setting baseUrl: https://track-eu.customer.io'],
    });
    cio.trackKey = 'rotated';
    expect(await connector.health(session)).toMatchObject({ credential: 'refused', account: null });
    cio.failAlways({ answer: { status: 500 } });
    await expect(connector.health(session)).rejects.toThrow(ReadFailed);
  });

  it.each([
    ['a person', person({ first_name: 'Ada' })],
    ['an event', aRow('trackEvent', { event: EVENT })],
    ['a journey', aRow('startJourney', { fields: { journey: 'win back' } })],
  ])('plans exactly what it sends for %s, without keys', async (_what, row) => {
    const { headers, ...planned } = connector.plan(row, session);
    await connector.deliver([row], session);
    const [sent] = batches();
    expect(planned).toEqual({ method: sent?.method, url: `${cio.url}${sent?.path}`, body: sent?.body });
    expect(headers).toEqual({ authorization: 'Basic <trackKey>' });
  });

  it.each([
    ['the US', {}, ['https://api.customer.io', 'https://track.customer.io']],
    [
      'the EU',
      { baseUrl: 'https://track-eu.customer.io' },
      ['https://api-eu.customer.io', 'https://track-eu.customer.io'],
    ],
  ])('has the addresses of %s', async (_region, settings, hosts) => {
    const asked: string[] = [];
    const request = async ({ url }: { url: string }) => {
      asked.push(new URL(url).origin);
      return { status: 200, headers: {}, text: '{}', json: {} };
    };
    const { settings: all, secret } = openSession(connector, { siteId: 'S', ...settings }, {});
    await connector.deliver([person()], { settings: all, secret, request });
    expect([...new Set(asked)]).toEqual(hosts);
  });

  it.each([
    ['quotes', `Robert"); drop table--'`],
    ['emoji', '👩‍🚀 Ada ﷽'],
    ['10,000 letters', 'x'.repeat(10_000)],
  ])('keeps a name of %s as it is', async (_what, first_name) => {
    const row = person({ first_name });
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(cio.byId(row.person.customerId)?.attributes).toEqual({ first_name });
  });

  it.each([
    ['more than 32 KB', { first_name: '👩‍🚀'.repeat(3000) }, 'too_large'],
    ['consent', { unsubscribed: false }, 'field_not_written'],
    ['subscriptions', { 'cio_subscription_preferences.topics.topic_1': true }, 'field_not_written'],
    ['an id', { id: 'other' }, 'field_not_written'],
  ])('does not send %s', async (_what, fields, code) => {
    const good = person();
    const results = await connector.deliver([person(fields), good], session);
    expect(results).toMatchObject([{ result: 'rejected', code }, { result: 'accepted' }]);
    expect(batches()[0]?.body.batch).toHaveLength(1);
  });

  it('is, to its official client, like the real one', async () => {
    // Node's own types of undici are older.
    const dispatcher = lengthOnce as unknown as NonNullable<RequestInit['dispatcher']>;
    const options = { retry: { maxRetries: 0 }, dispatcher };
    const trackBy = (key: string) =>
      new TrackClient(cio.siteId, key, { url: `${cio.url}/api/v1`, ...options });
    const track = trackBy(cio.trackKey);
    const app = new APIClient(cio.appKey, { url: `${cio.url}/v1`, ...options });
    const row = person({ first_name: 'Ada' });
    const { customerId: id, email } = row.person;
    const { batch } = connector.plan(row, session).body as { batch: Record<string, unknown>[] };
    expect(await track.batch(batch)).toEqual({});
    const found = { cio_id: cio.byId(id)?.cioId, id, email };
    expect(await app.getCustomersByEmail(email)).toEqual({ results: [found] });
    expect(await app.getAttributes(id, IdentifierType.Id)).toMatchObject({
      customer: { id, attributes: { first_name: 'Ada', cio_id: found.cio_id } },
    });
    expect(await track.batch([{ type: 'person', identifiers: {}, action: 'identify' }])).toMatchObject({
      errors: [{ batch_index: 0, reason: 'invalid' }],
    });
    await track.suppress(id);
    expect(cio.byId(id)).toBeUndefined();
    const refused = trackBy('wrong').batch(batch);
    await expect(refused).rejects.toBeInstanceOf(CustomerIORequestError);
    await expect(refused).rejects.toMatchObject({ statusCode: 401, message: 'Unauthorized request' });
  });
});

import { Analytics } from '@segment/analytics-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CollectorClient, streamOf } from '../support/collector.js';
import { ADMIN_KEY, SERVICE_KEY, TestApp } from '../support/test-app.js';

describe("Segment's client for Node", () => {
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start();
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  /** Sends calls by the client. @returns the errors that it reports */
  async function sendBy(writeKey: string, calls: (analytics: Analytics) => void): Promise<string[]> {
    const analytics = new Analytics({ host: service.url, writeKey, maxRetries: 0 });
    const errors: string[] = [];
    analytics.on('error', ({ reason }) => errors.push(String(reason)));
    calls(analytics);
    await analytics.closeAndFlush();
    return errors;
  }

  it('works by setting its host: each call is one event of the user', async () => {
    const timestamp = new Date(Date.now() - 3_600_000);
    const errors = await sendBy(client.key, (analytics) => {
      const userId = 'user-1';
      analytics.identify({ userId, traits: { plan: 'pro' }, timestamp });
      analytics.track({ userId, event: 'Invited friend', properties: { count: 2 }, timestamp });
      analytics.page({ userId, name: 'Home', category: 'App', properties: { url: 'https://x.test/' } });
      analytics.screen({ userId, name: 'Start' });
      analytics.group({ userId, groupId: 'company-1', traits: { size: 12 } });
      analytics.alias({ userId, previousId: 'visitor-1' });
      analytics.track({
        userId,
        event: 'Campaign seen',
        context: {
          ip: '192.0.2.1',
          userAgent: 'Mozilla',
          campaign: { name: 'autumn', source: 'letter', medium: 'mail' },
          page: { url: 'https://x.test/?a=1', search: '?a=1', title: 'X' },
          device: { id: 'D-1', type: 'phone' },
          traits: { email: 'ada@example.com' },
        },
      });
    });

    expect(errors).toEqual([]);
    const rows = await streamOf(service, `user_id = 'user-1'`);
    const library = { name: '@segment/analytics-node', version: expect.any(String) };
    expect(rows.map(({ type, name, properties }) => [type, name, properties])).toEqual([
      ['identify', '$identify', { plan: 'pro' }],
      ['track', 'Invited friend', { count: 2 }],
      ['page', '$page', { name: 'Home', category: 'App', url: 'https://x.test/' }],
      ['screen', '$screen', { name: 'Start' }],
      ['group', '$group', { groupId: 'company-1', size: 12 }],
      ['alias', '$alias', {}],
      ['track', 'Campaign seen', {}],
    ]);
    expect(rows[1]?.context).toEqual({ library });
    expect(rows[6]?.context).toEqual({
      campaign: { name: 'autumn', source: 'letter', medium: 'mail' },
      page: { url: 'https://x.test/?a=1', title: 'X' },
      device: { type: 'phone' },
      library,
    });
    const behindMs = Number(rows[1]?.occurredAt) - timestamp.getTime();
    expect(Math.abs(behindMs)).toBeLessThan(10_000);
  });

  it('sends batches of any size, each event once', async () => {
    const errors = await sendBy(client.key, (analytics) => {
      for (let count = 0; count < 250; count += 1)
        analytics.track({ userId: `many-${count % 10}`, event: 'Counted', properties: { count } });
    });

    expect(errors).toEqual([]);
    const rows = await streamOf(service, `name = 'Counted'`);
    expect(rows).toHaveLength(250);
    expect(new Set(rows.map(({ properties }) => properties.count)).size).toBe(250);
    expect(await service.database.count('people', `user_id like 'many-%'`)).toBe(10);
  });

  it.each([
    ['of an operator', ADMIN_KEY, '403'],
    ['of the MINGUS application', SERVICE_KEY, '403'],
    ['that does not exist', 'unknown', '401'],
  ])('is refused with a key %s', async (_, key, status) => {
    const errors = await sendBy(key, (analytics) => analytics.track({ userId: 'user-2', event: 'Refused' }));

    expect(errors).toEqual([expect.stringContaining(`[${status}]`)]);
    expect(await streamOf(service, `name = 'Refused'`)).toEqual([]);
  });
});

describe("Segment's client for browsers", () => {
  const origin = 'https://app.mingus.test';
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start({ env: { COLLECTOR_ORIGINS: `https://www.mingus.test,${origin}` } });
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  const post = (letter: string, body: unknown, from: string) =>
    fetch(`${service.url}/v1/${letter}`, {
      method: 'POST',
      headers: { origin: from, 'content-type': 'text/plain' },
      body: JSON.stringify(body),
    });

  it.each([
    ['t', 'Clicked', { event: 'Clicked' }],
    ['i', '$identify', { traits: { plan: 'pro' } }],
    ['p', '$page', { name: 'Home' }],
    ['s', '$screen', { name: 'Start' }],
    ['g', '$group', { groupId: 'g' }],
    ['a', '$alias', { previousId: 'p' }],
  ])('sends to /v1/%s as plain text with the key in the body', async (letter, name, fields) => {
    const event = { ...fields, userId: `by-${letter}`, anonymousId: `at-${letter}`, writeKey: client.key };

    const answer = await post(letter, { ...event, sentAt: new Date().toISOString() }, origin);

    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(await streamOf(service, `user_id = 'by-${letter}'`)).toMatchObject([{ name }]);
  });

  it('sends batches to /v1/b', async () => {
    const batch = [{ type: 'track', event: 'Batched', anonymousId: 'b', writeKey: client.key }];
    const answer = await post('b', { writeKey: client.key, batch, sentAt: new Date().toISOString() }, origin);

    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
  });

  it('reads refusals as well, and sends nothing from other sites', async () => {
    const own = await post('t', { writeKey: 'wrong' }, origin);
    const stolen = { writeKey: client.key, userId: 'u', event: 'Stolen' };
    const foreign = await post('t', stolen, 'https://evil.example');

    expect([own.status, foreign.status]).toEqual([401, 403]);
    expect(await foreign.json()).toMatchObject({ code: 'origin_not_allowed' });
    expect(await streamOf(service, `name = 'Stolen'`)).toEqual([]);
    expect(own.headers.get('access-control-allow-origin')).toBe(origin);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(foreign.headers.get('vary')).toContain('Origin');
  });

  it.each([
    [origin, '/v1/batch', 'POST'],
    [origin, '/v1/t', 'POST'],
    ['https://evil.example', '/v1/track', null],
  ])('from %s asks first for %s', async (from, path, methods) => {
    const answer = await fetch(`${service.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

    expect(answer.status).toBe(methods === null ? 403 : 204);
    expect(answer.headers.get('access-control-allow-methods')).toBe(methods);
    const allowed = methods === null ? null : 'Authorization, Content-Type';
    expect(answer.headers.get('access-control-allow-headers')).toBe(allowed);
  });
});

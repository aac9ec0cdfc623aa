import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CollectorClient, streamOf } from '../support/collector.js';
import { readMetric } from '../support/metrics.js';
import { request, TestApp } from '../support/test-app.js';

const aTrack = (fields: object = {}) => ({ type: 'track', event: 'Clicked', userId: 'user', ...fields });
const named = (event: string) => `name = '${event}'`;

describe('the collector', () => {
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start();
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  it('stores the good events of a batch, and names each refused one', async () => {
    const { status, body } = await client.batch(
      aTrack({ event: 'Partly', messageId: 'good-1' }),
      aTrack({ event: 'stage_active', messageId: 'reserved' }),
      null,
      aTrack({ event: 'Partly', messageId: 'large', properties: { text: 'x'.repeat(33_000) } }),
      aTrack({ event: 'Partly', messageId: 'good-2' }),
    );

    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      refused: [
        { index: 1, messageId: 'reserved', code: 'name_reserved', detail: expect.any(String) },
        { index: 2, messageId: null, code: 'not_an_object', detail: expect.any(String) },
        { index: 3, messageId: 'large', code: 'too_large', detail: expect.any(String) },
      ],
    });
    expect(await streamOf(service, named('Partly'))).toHaveLength(2);
    expect(await readMetric(service.url, 'behaviour_events_refused_total', { code: 'name_reserved' })).toBe(
      1,
    );
  });

  it.each<[string, string, string, number, string]>([
    ['a single faulty event', 'track', '{"userId":"u"}', 400, 'event_missing'],
    [
      'an event over 32 KB',
      'track',
      JSON.stringify(aTrack({ context: { app: 'x'.repeat(33_000) } })),
      413,
      'too_large',
    ],
    [
      'a batch over 500 KB',
      'batch',
      JSON.stringify({ batch: [aTrack({ a: 'x'.repeat(512_001) })] }),
      413,
      'payload_too_large',
    ],
    ['a body over 512 KB', 'batch', `"${'x'.repeat(525_000)}"`, 413, 'payload_too_large'],
    ['half a document', 'batch', '{"batch": [', 400, 'body_not_json'],
    ['no body', 'track', '', 400, 'body_not_json'],
    ['a form', 'batch', 'batch=1', 400, 'body_not_json'],
    ['a batch that is no list', 'batch', '{"batch": {}}', 400, 'batch_missing'],
    ['a batch in a list', 'batch', '[]', 400, 'batch_missing'],
    ['a batch of tiny elements', 'batch', `{"batch":[1${',1'.repeat(2500)}]}`, 400, 'batch_too_long'],
    ['a text instead of an event', 'page', '"page"', 400, 'not_an_object'],
    [
      'nesting beyond any stack',
      'track',
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      400,
      'not_an_object',
    ],
    [
      'deep properties',
      'track',
      `{"userId":"u","event":"e","properties":${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}}`,
      400,
      'too_deep',
    ],
  ])('refuses %s and stores nothing', async (_, call, body, status, code) => {
    const before = await service.database.count('behaviour_events');

    const answer = await client.send(call, body);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await service.database.count('behaviour_events')).toBe(before);
  });

  it.each(['gzip', 'GZIP', 'x-gzip'])('takes a body that is compressed with %s', async (encoding) => {
    const body = gzipSync(JSON.stringify({ batch: [aTrack({ event: `Sent as ${encoding}` })] }));

    const answer = await client.send('batch', body, { 'content-encoding': encoding });

    expect([answer.status, answer.body]).toEqual([200, { success: true }]);
    expect(await streamOf(service, named(`Sent as ${encoding}`))).toHaveLength(1);
  });

  it.each<[string, Uint8Array, string, number, string]>([
    [
      'a small body of 100 MB',
      gzipSync(Buffer.alloc(100 * 1024 * 1024, ' ')),
      'gzip',
      413,
      'payload_too_large',
    ],
    ['plain JSON', Buffer.from('{}'), 'gzip', 400, 'body_not_gzip'],
    ['half a body', gzipSync('{"batch":[]}').subarray(0, 20), 'gzip', 400, 'body_not_gzip'],
    ['compressed text', gzipSync('batch'), 'gzip', 400, 'body_not_json'],
    ['another encoding', brotliCompressSync('{"batch":[]}'), 'br', 415, 'encoding_unknown'],
    ['two encodings', gzipSync('{"batch":[]}'), 'gzip, gzip', 415, 'encoding_unknown'],
  ])('refuses a compressed body: %s', async (_, body, encoding, status, code) => {
    const answer = await client.send('batch', body, { 'content-encoding': encoding });

    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('stores texts with characters that PostgreSQL cannot hold', async () => {
    const hostile = 'a\u0000b\ud800c😀';
    const answer = await client.batch(
      aTrack({ event: `Hostile${hostile}`, userId: `h${hostile}`, properties: { [hostile]: hostile } }),
      aTrack({
        event: 'Hostile too',
        properties: { text: '\\u0000', number: 1e308 },
      }),
    );

    expect([answer.status, answer.body]).toEqual([200, { success: true }]);
    const mended = 'a\uFFFDb\uFFFDc😀';
    expect(await streamOf(service, `name like 'Hostile%'`)).toMatchObject([
      { name: `Hostile${mended}`, userId: `h${mended}`, properties: { [mended]: mended } },
      { properties: { text: '\\u0000' } },
    ]);
  });

  it('makes the month of an old event', async () => {
    const timestamp = new Date(Date.now() - 600 * 86_400_000);
    const { body } = await client.batch(aTrack({ event: 'Old', timestamp }));

    expect(body).toEqual({ success: true });
    expect(await streamOf(service, named('Old'))).toMatchObject([{ occurredAt: timestamp }]);
  });

  it('needs a key, which only sends events', async () => {
    const url = `${service.url}/v1/track`;
    const withoutKey = await request(url, { method: 'POST', body: JSON.stringify(aTrack()) });
    expect(withoutKey.status).toBe(401);
    expect(withoutKey.body.detail).toContain('write key');

    const headers = { authorization: `Bearer ${client.key}` };
    expect((await request(`${service.url}/admin/customers`, { headers })).status).toBe(403);
    expect((await request(`${service.url}/users/u/notifications`, { headers })).status).toBe(403);
  });

  it('limits events, not requests, by key', async () => {
    const limited = await TestApp.start({
      env: { API_MAX_EVENTS_PER_KEY_MINUTE: '10', API_MAX_PER_KEY_MINUTE: '1' },
    });
    try {
      const one = await CollectorClient.of(limited);
      const eight = Array.from({ length: 8 }, () => aTrack());
      const statuses = [
        (await one.batch(...eight)).status,
        (await one.send('track', aTrack())).status,
        (await one.batch(...eight)).status,
      ];
      expect(statuses).toEqual([200, 200, 429]);
      expect(await streamOf(limited)).toHaveLength(9);
    } finally {
      await limited.stop();
    }
  });
});

describe('a message', () => {
  let service: TestApp;
  let client: CollectorClient;
  let now = new Date();

  beforeAll(async () => {
    service = await TestApp.start({ now: () => now });
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  it('is stored once when it is repeated: in a batch, in a later one, and without a time of its own', async () => {
    const event = aTrack({ event: 'Once', messageId: 'once' });
    const answers = [
      await client.batch(event, event),
      await client.batch(event),
      await client.send('track', event),
    ];

    for (const { status, body } of answers) expect([status, body]).toEqual([200, { success: true }]);
    expect(await streamOf(service, named('Once'))).toHaveLength(1);
    expect(await readMetric(service.url, 'behaviour_events_duplicate_total')).toBe(3);
    expect(await readMetric(service.url, 'behaviour_events_total', { type: 'track' })).toBe(1);
  });

  it('is stored once when several processes get it at the same moment', async () => {
    const other = await TestApp.start({ database: service.database, smtp: service.smtp });
    try {
      const twin = await CollectorClient.of(other);
      const events = Array.from({ length: 20 }, (_, n) =>
        aTrack({ event: 'Raced', messageId: `raced-${n}`, userId: `racer-${n % 3}`, anonymousId: `at-${n}` }),
      );
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          (n % 2 ? client : twin).batch(...events.slice(n % 5), ...events),
        ),
      );

      expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
      expect(await streamOf(service, named('Raced'))).toHaveLength(20);
      expect(await service.database.count('people', `user_id like 'racer-%'`)).toBe(3);
    } finally {
      await other.stop();
    }
  });

  it('is stored once within 30 days, with any times that it gives', async () => {
    const event = aTrack({ event: 'Restless', messageId: 'restless' });
    const days = (count: number) => new Date(Date.now() - count * 86_400_000);
    const late = { ...event, messageId: 'restless and late', timestamp: days(200) };
    await client.batch({ ...event, timestamp: days(0.5) }, late);

    for (const timestamp of [days(3), days(45), days(400), days(0)])
      await client.batch({ ...event, timestamp }, { ...late, timestamp });

    expect(await streamOf(service, named('Restless'))).toHaveLength(2);
  });

  it('with the id of a message of another user or visitor is stored', async () => {
    const event = { type: 'track', event: 'Shared', messageId: 'shared' };
    const senders = [
      { userId: 'one' },
      { userId: 'other' },
      { anonymousId: 'one' },
      { anonymousId: 'other' },
    ];

    for (let time = 0; time < 2; time += 1)
      await client.batch(...senders.map((sender) => ({ ...event, ...sender })));

    expect(await streamOf(service, named('Shared'))).toHaveLength(4);
  });

  it('is stored again after 30 days', async () => {
    const event = aTrack({ event: 'Monthly', messageId: 'monthly' });
    const start = now.getTime();
    for (const days of [0, 29, 31]) {
      now = new Date(start + days * 86_400_000);
      await client.batch(event);
    }
    now = new Date(start);

    expect(await streamOf(service, named('Monthly'))).toHaveLength(2);
  });

  it('of a client with a wrong clock gets the time of ours', async () => {
    const ahead = now.getTime() + 90_000_000;
    await client.send('batch', {
      batch: [aTrack({ event: 'Skewed', timestamp: new Date(ahead - 4000) })],
      sentAt: new Date(ahead),
    });

    expect(await streamOf(service, named('Skewed'))).toMatchObject([
      { occurredAt: new Date(now.getTime() - 4000) },
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { converse, statusesOf, webhookHead } from '../support/http/raw-http.js';
import { storedRows } from '../support/database/stored-rows.js';
import { request, TestApp } from '../support/test-app.js';

const LIMIT_BYTES = 512 * 1024;
const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`;
const ENDLESS_BYTES = 64 * 1024 * 1024;

describe('a malformed or hostile request', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** An unmatched event of exactly this many bytes. */
  function anEventOf(bytes: number): string {
    const text = (padding: string) =>
      JSON.stringify(
        anEvent(
          { ...aCustomer(), id: 'cus_1', email: 'a@example.com', metadata: {}, name: padding },
          { id: 'evt_size' },
        ),
      );
    return text('x'.repeat(bytes - Buffer.byteLength(text(''))));
  }

  it.each([
    ['a token in halves of percent signs', '/portal/links/%zz%ff', 410],
    ['a customer in them', `/preferences/%ff`, 404],
  ])('gets the page of an unknown link with %s', async (_, path, status) => {
    const answer = await request(`${service.url}${path}`, { headers: { 'accept-language': 'es' } });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.body).toContain('<html lang="es"');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('with an endless token is refused, and its URL is not logged', async () => {
    const answer = await request(`${service.url}/portal/links/pl_${'a'.repeat(600)}`, {});

    expect(answer).toMatchObject({
      status: 414,
      body: { code: 'invalid_request', detail: 'The URL cannot be read' },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('needs a key even with an incomplete percent escape', async () => {
    const answer = await request(`${service.url}/admin/customers/%zz`, {});
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it('is accepted with exactly 512 KB', async () => {
    const payload = anEventOf(LIMIT_BYTES);
    expect(Buffer.byteLength(payload)).toBe(LIMIT_BYTES);

    const { status, body } = await service.deliver(payload);

    expect(status).toBe(200);
    expect(body.error).toBe('No user ID in customer metadata');
    expect(await service.database.count('webhook_events', `octet_length(body) = ${LIMIT_BYTES}`)).toBe(1);
  });

  it.each([1, 1024, 1024 * 1024])('is answered 413 with %i bytes more, and not stored', async (excess) => {
    const rows = await storedRows(service.database);
    const payload = anEventOf(LIMIT_BYTES + excess);

    const said = await converse(service.url, (socket) => {
      socket.write(
        webhookHead({ 'Content-Length': Buffer.byteLength(payload), Connection: 'close' }) + payload,
      );
    });

    expect(statusesOf(said)).toEqual([413]);
    expect(await storedRows(service.database)).toEqual(rows);
  });

  it('with endless chunks is answered 413 early', async () => {
    let sentBytes = 0;

    const said = await converse(service.url, (socket) => {
      const goOn = () => {
        while (!socket.destroyed && sentBytes < ENDLESS_BYTES) {
          sentBytes += CHUNK.length;
          if (!socket.write(CHUNK)) return;
        }
      };
      socket.on('drain', goOn);
      socket.write(webhookHead({ 'Transfer-Encoding': 'chunked' }));
      goOn();
    });

    expect(statusesOf(said)).toEqual([413]);
    expect(sentBytes).toBeLessThan(ENDLESS_BYTES);
  });

  it('is cut when it does not arrive in time: a body that stops, a slow body, an endless head', async () => {
    const rows = await storedRows(service.database);
    const head = webhookHead({ 'Content-Length': 1000 });
    const drip = converse(service.url, (socket) => {
      const timer = setInterval(() => socket.write('x'), 250);
      socket.on('close', () => clearInterval(timer));
      socket.write(head);
    });
    const stalled = [head, `${head}{"id":`, 'POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nX-'].map(
      (text) => converse(service.url, (socket) => socket.write(text)),
    );

    const said = await Promise.all([drip, ...stalled]);

    for (const text of said) expect(statusesOf(text)).toEqual([408]);
    expect(await storedRows(service.database)).toEqual(rows);
    expect((await service.deliver(anEvent())).status).toBe(200);
  });

  it('with a Content-Length that is too small does not smuggle a second request', async () => {
    const said = await converse(service.url, (socket) => {
      socket.write(`${webhookHead({ 'Content-Length': 4 })}null and more\r\n\r\n`);
    });

    expect(new Set(statusesOf(said))).toEqual(new Set([400]));
  });

  it.each([
    ['Content-Length and Transfer-Encoding', { 'Content-Length': 4, 'Transfer-Encoding': 'chunked' }],
    ['an unknown Transfer-Encoding', { 'Transfer-Encoding': 'xchunked' }],
    ['a negative Content-Length', { 'Content-Length': '-1' }],
    ['a Content-Length that is no number', { 'Content-Length': '4x' }],
    ['a header of 64 KB', { 'X-Long': 'x'.repeat(65_536) }],
  ])('is refused with 4xx: %s', async (_, headers: Record<string, string | number>) => {
    const said = await converse(service.url, (socket) => {
      socket.write(`${webhookHead({ ...headers, Connection: 'close' })}null`);
    });

    expect(statusesOf(said)).toEqual([expect.toSatisfy((status: number) => status >= 400 && status < 500)]);
  });

  it.each([
    ['headers that are too large', { 'X-Long': 'x'.repeat(65_536) }, 431],
    ['a request that is not HTTP', { 'Content-Length': '4x' }, 400],
  ])('is refused with problem details: %s', async (_, headers: Record<string, string>, status) => {
    const said = await converse(service.url, (socket) => {
      socket.write(`${webhookHead({ ...headers, Connection: 'close' })}null`);
    });

    expect(said).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({ status, code: 'invalid_request' });
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'is refused with 4xx: %s on the route',
    async (method) => {
      const { status } = await request(`${service.url}/webhooks/stripe`, { method });

      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  it.each(['TRACE', 'CONNECT', 'BREW'])('is refused without 2xx or 5xx: %s on the route', async (method) => {
    const said = await converse(service.url, (socket) => {
      socket.write(`${method} /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });

    for (const status of statusesOf(said)) expect(String(status)).toMatch(/^4/);
    expect((await service.deliver(anEvent())).status).toBe(200);
  });

  it('is answered without internals: no stack, no server name', async () => {
    const answers = await Promise.all([
      request(`${service.url}/webhooks/stripe`, { method: 'PUT' }),
      request(`${service.url}/webhooks/nothing`, { method: 'POST', body: '{' }),
      request(`${service.url}/webhooks/stripe`, {
        method: 'POST',
        body: 'x',
        headers: { 'content-type': 'no type' },
      }),
    ]);

    for (const { status, headers, body } of answers) {
      expect(status).toBeLessThan(500);
      expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
      expect(JSON.stringify(body)).not.toMatch(/node_modules|\bat .+:\d+|fastify|nest/i);
    }
  });
});

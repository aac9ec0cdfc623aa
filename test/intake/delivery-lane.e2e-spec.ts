import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Drain } from '../../src/platform/http/drain.js';
import { Deliveries } from '../../src/webhooks/intake/deliveries.service.js';
import { anEvent } from '../support/builders.js';
import { converse, statusesOf } from '../support/http/raw-http.js';
import { TestApp, WEBHOOK_SECRET } from '../support/test-app.js';

const HOST = 'POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\n';

function sign(body: string): string {
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', WEBHOOK_SECRET).update(`${t}.${body}`).digest('hex');
  return `t=${t},v1=${v1}`;
}

const signed = (body: string) => `Stripe-Signature: ${sign(body)}\r\n`;
/** A request that takes the fast path. */
const plain = (body: string, headers: string) =>
  `${HOST}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
/** A request that takes the path through the framework. */
const chunked = (body: string, headers: string) => {
  const size = Buffer.byteLength(body).toString(16);
  return `${HOST}${headers}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`;
};
const last = (headers: string) => `${headers}Connection: close\r\n`;

/** An event of a type that has no effect, so that it can be delivered twice with the same answer. */
const ignored = () => JSON.stringify(anEvent({}, { type: 'invoice.voided' }));

describe('the lane of plain deliveries', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** The server's answer with sorted headers, without the time. */
  async function answerTo(request: string): Promise<{ head: string[]; body: string }> {
    const said = await converse(service.url, (socket) => socket.write(request));
    const [head = '', body = ''] = said.split('\r\n\r\n');
    const [status = '', ...headers] = head.split('\r\n');
    const shown = headers.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
    return { head: [status, ...shown.filter((line) => !line.startsWith('date:')).toSorted()], body };
  }

  async function expectSameBothWays(body: string, headers: string): Promise<string> {
    const usual = await answerTo(chunked(body, last(headers)));
    const lane = await answerTo(plain(body, last(headers)));
    expect(lane).toEqual(usual);
    return usual.head[0] ?? '';
  }

  it('answers as the framework does, to the byte: an event and its redelivery', async () => {
    const body = ignored();
    await answerTo(plain(body, last(signed(body))));
    expect(await expectSameBothWays(body, signed(body))).toContain('200');
  });

  it.each([
    ['a wrong signature', ignored(), 'Stripe-Signature: t=1,v1=00\r\n', '400'],
    ['no event', '{"id":1}', signed('{"id":1}'), '400'],
    ['text that is no JSON', 'id=evt_1', signed('id=evt_1'), '400'],
    ['a content type that is none', '[]', `${signed('[]')}Content-Type: no type\r\n`, '400'],
  ])('answers as the framework does, to the byte: %s', async (_, body, headers, status) => {
    expect(await expectSameBothWays(body, headers)).toContain(status);
  });

  it('answers as the framework does when the service has a fault', async () => {
    vi.spyOn(service.app.get(Deliveries), 'receive').mockRejectedValue(new Error('boom'));
    onTestFinished(() => void vi.restoreAllMocks());

    expect(await expectSameBothWays(ignored(), signed('x'))).toContain('500');
  });

  it('answers as the framework does when nothing can be committed', async () => {
    const answer = { success: false, error: 'Temporarily unavailable' } as const;
    vi.spyOn(service.app.get(Deliveries), 'receive').mockResolvedValue({ status: 503, answer });
    onTestFinished(() => void vi.restoreAllMocks());

    expect(await expectSameBothWays(ignored(), signed('x'))).toContain('503');
  });

  it('closes connections while the service stops, as the framework does', async () => {
    const drain = service.app.get(Drain);
    drain.hasBegun = true;
    onTestFinished(() => {
      drain.hasBegun = false;
    });
    const body = ignored();

    const usual = await answerTo(chunked(body, signed(body)));
    const lane = await answerTo(plain(body, signed(body)));

    expect(lane.head).toEqual(usual.head);
    expect(lane.head).toContain('connection: close');
  });

  it('has the security headers of all routes on an unsigned request too', async () => {
    const { head } = await answerTo(plain('{}', last('')));
    expect(head).toContain('x-content-type-options: nosniff');
  });

  it('answers pipelined requests in their order', async () => {
    const [first, second, third] = [ignored(), '{}', ignored()] as [string, string, string];
    const requests =
      plain(first, signed(first)) + plain(second, signed(second)) + chunked(third, last(signed(third)));

    const said = await converse(service.url, (socket) => socket.write(requests));

    // Each answer follows the body of the one before without a line end.
    const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([200, 400, 200]);
  });

  it('accepts a body that comes in many pieces', async () => {
    const body = ignored();
    const request = plain(body, last(signed(body)));

    const said = await converse(service.url, (socket) => {
      socket.setNoDelay(true);
      const pieces = request.match(/[\s\S]{1,100}/g) ?? [];
      const sendNext = () => {
        const piece = pieces.shift();
        if (piece) socket.write(piece, () => setImmediate(sendNext));
      };
      sendNext();
    });

    expect(statusesOf(said)).toEqual([200]);
  });

  it('leaves nothing behind when a sender disconnects within its body', async () => {
    const body = ignored();
    const before = await service.database.count('webhook_events');

    await converse(service.url, (socket) => {
      socket.write(plain(body, signed(body)).slice(0, -10), () => socket.destroy());
    });

    const other = ignored();
    expect((await answerTo(plain(other, last(signed(other))))).head[0]).toContain('200');
    expect(await service.database.count('webhook_events')).toBe(before + 1);
  });

  it('passes on a body above the limit, which is refused', async () => {
    const { head } = await answerTo(`${HOST}${last(signed(''))}Content-Length: 600000\r\n\r\n`);
    expect(head[0]).toContain('413');
  });
});

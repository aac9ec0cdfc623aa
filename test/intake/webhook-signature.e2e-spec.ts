import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { storedRows } from '../support/database/stored-rows.js';
import { request, TestApp, WEBHOOK_SECRET } from '../support/test-app.js';

const OLD_SECRET = 'whsec_old_0123456789abcdef';
const TOLERANCE_SECONDS = 300;
const NOW = new Date('2031-05-06T07:08:09.000Z');
const REFUSED = { success: false, error: 'Invalid signature' };

const seconds = (offset = 0) => NOW.getTime() / 1000 + offset;

function hmac(body: string, { at = seconds(), secret = WEBHOOK_SECRET } = {}): string {
  return createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
}

function sign(body: string, { at = seconds(), secret = WEBHOOK_SECRET } = {}): string {
  return `t=${at},v1=${hmac(body, { at, secret })}`;
}

describe('the signature of a delivery', () => {
  let service: TestApp;
  let now = NOW;
  let body: string;

  beforeAll(async () => {
    service = await TestApp.start({
      env: { STRIPE_WEBHOOK_SECRET: `${WEBHOOK_SECRET},${OLD_SECRET}` },
      now: () => now,
    });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    now = NOW;
    body = JSON.stringify(anEvent(aCustomer({ metadata: {} })));
  });

  const post = (payload: string, headers: Record<string, string>) =>
    request(`${service.url}/webhooks/stripe`, { method: 'POST', headers, body: Buffer.from(payload) });

  const failures = (cause: string) => readMetric(service.url, 'webhook_signature_failures_total', { cause });

  async function expectAccepted(payload: string, headers: Record<string, string>) {
    const answer = await post(payload, headers);
    expect(answer.status).toBe(200);
    expect(answer.body.error).toBe('No user ID in customer metadata');
  }

  it.each<[what: string, cause: string, signature: (payload: string) => string | undefined]>([
    ['that is missing', 'missing', () => undefined],
    ['that is empty', 'missing', () => ''],
    ['of white space', 'missing', () => '  '],
    ['that is garbage', 'malformed', () => 'garbage'],
    ['with an empty v1', 'malformed', () => `t=${seconds()},v1=`],
    ['without v1', 'malformed', () => `t=${seconds()}`],
    ['with v0 only', 'malformed', (payload) => sign(payload).replace('v1=', 'v0=')],
    ['without t', 'malformed', (payload) => `v1=${hmac(payload)}`],
    ['with an empty t', 'malformed', (payload) => sign(payload).replace(/t=\d+/, 't=')],
    ['with t=abc', 'malformed', (payload) => sign(payload).replace(/t=\d+/, 't=abc')],
    ['with t=1e9', 'malformed', (payload) => sign(payload).replace(/t=\d+/, 't=1e9')],
    ['with a negative t', 'malformed', (payload) => sign(payload).replace('t=', 't=-')],
    ['with two t', 'malformed', (payload) => `t=1,${sign(payload)}`],
    ['with a shortened v1', 'malformed', (payload) => sign(payload).slice(0, -1)],
    ['with an upper-case v1', 'malformed', (payload) => `t=${seconds()},v1=${hmac(payload).toUpperCase()}`],
    ['with 17 v1', 'malformed', (payload) => `${sign(payload)}${`,v1=${'0'.repeat(64)}`.repeat(16)}`],
    ['longer than 4 KB', 'malformed', (payload) => `${sign(payload)},${'x'.repeat(4096)}`],
    ['of another secret', 'mismatch', (payload) => sign(payload, { secret: 'whsec_somebody_else' })],
    ['of another body', 'mismatch', (payload) => sign(`${payload} `)],
    ['of another time', 'mismatch', (payload) => sign(payload).replace(/t=\d+/, `t=${seconds(1)}`)],
    ['that is old', 'too_old', (payload) => sign(payload, { at: seconds(-TOLERANCE_SECONDS - 1) })],
    ['of 2018', 'too_old', (payload) => sign(payload, { at: 1_533_204_620 })],
    ['from the future', 'in_the_future', (payload) => sign(payload, { at: seconds(TOLERANCE_SECONDS + 1) })],
    ['from the far future', 'in_the_future', (payload) => sign(payload, { at: 999_999_999_999 })],
  ])(
    'is refused when it is a signature %s (%s): the same 400, nothing stored',
    async (_, cause, signatureOf) => {
      const signature = signatureOf(body);
      const [rows, counted] = [await storedRows(service.database), await failures(cause)];

      const answer = await post(body, signature === undefined ? {} : { 'stripe-signature': signature });

      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(REFUSED);
      expect(await storedRows(service.database)).toEqual(rows);
      expect(await failures(cause)).toBe(counted + 1);
    },
  );

  it.each([
    ['one byte changed', (payload: string) => payload.replace('Ada', 'Eda')],
    ['a space appended', (payload: string) => `${payload} `],
    ['a byte order mark put before it', (payload: string) => `\uFEFF${payload}`],
    ['its JSON formatted again', (payload: string) => JSON.stringify(JSON.parse(payload), null, 2)],
  ])('is refused for a body with %s', async (_, change) => {
    const answer = await post(change(body), { 'stripe-signature': sign(body) });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(REFUSED);
  });

  it.each([
    ['oddly spaced', (payload: string) => payload.replaceAll('":', '" :\t').replaceAll(',"', ' ,\r\n "')],
    ['indented', (payload: string) => `\n${JSON.stringify(JSON.parse(payload), null, 4)}\n`],
    ['escaped', (payload: string) => payload.replace('Ada', '\\u0041da')],
  ])('is checked over the bytes as sent: an %s body is accepted', async (_, change) => {
    const payload = change(body);

    await expectAccepted(payload, { 'stripe-signature': sign(payload) });
  });

  it.each([-TOLERANCE_SECONDS, TOLERANCE_SECONDS])('is accepted %i s from now', async (offset) => {
    await expectAccepted(body, { 'stripe-signature': sign(body, { at: seconds(offset) }) });
  });

  it('is fresh on each attempt: a retry after two days is accepted', async () => {
    now = new Date(NOW.getTime() + 2 * 86_400_000);

    expect((await post(body, { 'stripe-signature': sign(body) })).body).toEqual(REFUSED);
    await expectAccepted(body, { 'stripe-signature': sign(body, { at: now.getTime() / 1000 }) });
  });

  it.each([
    ['1', WEBHOOK_SECRET],
    ['2', OLD_SECRET],
  ])('of secret %s is accepted while secrets rotate, and counted by position', async (position, secret) => {
    const matches = () => readMetric(service.url, 'webhook_secret_matches_total', { position });
    const before = await matches();

    await expectAccepted(body, { 'stripe-signature': sign(body, { secret }) });

    expect(await matches()).toBe(before + 1);
  });

  it.each([
    ['among others', (payload: string) => `${sign(payload, { secret: 'x' })},v1=${hmac(payload)}`],
    ['among junk', (payload: string) => `v0=1,,=,junk, ${sign(payload)} ,v2=${'f'.repeat(64)}`],
  ])('is found %s', async (_, signatureOf) => {
    await expectAccepted(body, { 'stripe-signature': signatureOf(body) });
  });

  it.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'text/xml; charset=latin1',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'no type',
  ])('is all that matters: the content type %s is accepted', async (contentType) => {
    await expectAccepted(body, {
      'stripe-signature': sign(body),
      ...(contentType ? { 'content-type': contentType } : {}),
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '"x"',
    '7',
    '{}',
    '{"id":7,"type":"x"}',
    '{"id":"evt_1"}',
    '\uFEFF{}',
    'no JSON',
  ])('does not make %j an event: 400, nothing stored', async (payload) => {
    const rows = await storedRows(service.database);

    const answer = await post(payload, { 'stripe-signature': sign(payload) });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ success: false, error: 'Not a Stripe event' });
    expect(await storedRows(service.database)).toEqual(rows);
  });
});

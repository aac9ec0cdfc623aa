import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { storedRows } from '../support/database/stored-rows.js';
import { request, TestApp, WEBHOOK_SECRET } from '../support/test-app.js';

const DEPTH = 100_000;
const REPLACEMENT = '\uFFFD';

describe('a signed hostile body', () => {
  let service: TestApp;
  let metadata: Record<string, string>;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** The text of a new user's event, with raw JSON as the customer's `description`. */
  async function anEventWith(rawJson: string, fields: Fields = {}) {
    ({ metadata } = await service.createUser());
    const customer = aCustomer({ metadata, ...fields, description: 'HERE' });
    const event = anEvent(customer);
    return { id: event.id, customer, payload: JSON.stringify(event).replace('"HERE"', () => rawJson) };
  }

  /** Posts any bytes with a valid signature. */
  function post(bytes: Buffer) {
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', WEBHOOK_SECRET).update(`${t}.`).update(bytes).digest('hex');
    const headers = { 'stripe-signature': `t=${t},v1=${v1}` };
    return request(`${service.url}/webhooks/stripe`, { method: 'POST', headers, body: bytes });
  }

  async function inbox(eventId: string) {
    const [row] = await service.database.rows<{
      outcome: string;
      error_code: string | null;
      body: string | null;
    }>('select outcome, error_code, body from webhook_events where stripe_event_id = $1', [eventId]);
    return row;
  }

  async function storedCustomer(id: string) {
    const [row] = await service.database.rows('select * from customers where stripe_customer_id = $1', [id]);
    return row ?? {};
  }

  it.each<[what: string, rawJson: string, outcome: string, code: string | null]>([
    ['lists 100,000 deep', '['.repeat(DEPTH) + ']'.repeat(DEPTH), 'rejected', 'too_deeply_nested'],
    [
      'objects 80,000 deep',
      '{"a":'.repeat(80_000) + '1' + '}'.repeat(80_000),
      'rejected',
      'too_deeply_nested',
    ],
    ['a NUL', String.raw`"a\u0000b"`, 'created', null],
    ['a lone high surrogate', String.raw`"a\ud83db"`, 'created', null],
    ['a lone low surrogate', String.raw`"a\ude00b"`, 'created', null],
    ['surrogates in the wrong order', String.raw`"\ude00\ud83d"`, 'created', null],
    ['an escaped backslash before u0000', String.raw`"a\\u0000b"`, 'created', null],
    ['every escape', String.raw`"\"\\\/\b\f\n\r\t\u001f"`, 'created', null],
    ['a NUL in an unknown key', String.raw`"x","k\u0000":{"n\u0000":["\u0000"]}`, 'created', null],
    ['a lone surrogate in an unknown key', String.raw`"x","k\ud800":"\udfff"`, 'created', null],
    ['__proto__', '"x","__proto__":{"polluted":true}', 'created', null],
    ['constructor.prototype', '"x","constructor":{"prototype":{"polluted":true}}', 'created', null],
    ['keys of Object.prototype', '"x","toString":1,"hasOwnProperty":null,"valueOf":{}', 'created', null],
    ['an unknown 1e400', '"x","unknown":1e400', 'created', null],
    ['an unknown integer of 20 digits', '"x","unknown":12345678901234567890', 'created', null],
    ['a number of 1,000 digits', `"x","unknown":${'9'.repeat(1000)}`, 'created', null],
    ['a balance of 1e400', '"x","balance":1e400', 'rejected', 'invalid_fields'],
    ['a balance of 20 digits', '"x","balance":12345678901234567890', 'rejected', 'invalid_fields'],
    ['a negative zero', '"x","balance":-0', 'created', null],
    ['created at 1e400', '"x","created":1e400', 'created', null],
    ['created before time', '"x","created":-9007199254740991', 'created', null],
    ['a duplicate key, the last one null', '"x","description":null', 'created', null],
    [
      '10,000 keys',
      `"x",${Array.from({ length: 10_000 }, (_, n) => `"k${n}":${n}`).join(',')}`,
      'created',
      null,
    ],
    ['a number where a text belongs', '7', 'rejected', 'invalid_fields'],
  ])('is answered 200 and kept byte for byte: %s', async (_, rawJson, outcome, code) => {
    const { id, payload } = await anEventWith(rawJson);

    const { status } = await service.deliver(payload);

    expect(status).toBe(200);
    expect(await inbox(id)).toEqual({ outcome, error_code: code, body: payload });
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['NUL', String.raw`"a\u0000b"`, `a${REPLACEMENT}b`],
    ['lone surrogate', String.raw`"a\ud83db"`, `a${REPLACEMENT}b`],
    ['surrogate pair', String.raw`"a\ud83d\ude00b"`, 'a😀b'],
    ['escaped backslash', String.raw`"a\\u0000b"`, String.raw`a\u0000b`],
  ])('is readable afterwards: a %s in a text', async (_, rawJson, expected) => {
    const { customer, payload } = await anEventWith(rawJson);

    await service.deliver(payload);

    expect(await storedCustomer(customer.id)).toMatchObject({ description: expected });
  });

  it.each([
    ['{{7*7}}'],
    ['${7*7} #{7*7} <%= 7*7 %>'],
    ['Eve\r\nBcc: victim@example.com'],
    ['victim@example.com, Eve <eve@example.com>'],
    ['<script>alert(1)</script>"\'`'],
    ["Robert'); drop table customers;--"],
    ['\u202Eevil\u202C مرحبا'],
    ['👩‍👩‍👧‍👦 😀 𝕬𝖉𝖆'],
    ['\u001b[31mred\u001b[0m {"level":50}'],
    ['x'.repeat(10_000)],
  ])('is stored and shown unchanged: the name %j', async (name) => {
    const { customer, payload } = await anEventWith('null', { name });

    const { body } = await service.deliver(payload);

    expect(body).toMatchObject({ success: true, notifications_sent: 3 });
    expect(body.changes[2]).toBe(`Customer Name: ${name}`);
    expect(await storedCustomer(customer.id)).toMatchObject({ name });
  });

  it('keeps keys of Object.prototype as plain metadata', async () => {
    const hostile = '"metadata":{"__proto__":"a","constructor":"b","toString":"c",';
    const { customer, payload } = await anEventWith('null');

    await service.deliver(payload.replace('"metadata":{', hostile));

    const { metadata: stored } = await storedCustomer(customer.id);
    expect(Object.entries(stored as object)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'a'],
        ['constructor', 'b'],
        ['toString', 'c'],
      ]),
    );
  });

  it('is read with the last of duplicate keys, everywhere', async () => {
    const { customer, payload } = await anEventWith('null');
    const twice = '"email":"first@example.com","email":"last@example.com","name":"First","name":"Last"';
    const ambiguous = payload
      .replace(`"email":"${customer.email}"`, twice)
      .replace('"name":"Ada Lovelace",', '');

    const { body } = await service.deliver(ambiguous);

    expect(body.changes).toEqual(
      expect.arrayContaining(['Created customer: last@example.com', 'Customer Name: Last']),
    );
    expect(await storedCustomer(customer.id)).toMatchObject({ email: 'last@example.com', name: 'Last' });
  });

  it.each([
    ['a NUL', String.raw`nobody\u0000`],
    ['a lone surrogate', String.raw`nobody\ud800`],
  ])('is rejected, and so matches no user with a similar id: %s in the user id', async (_, userId) => {
    const { id, payload } = await anEventWith('null');

    const { body } = await service.deliver(payload.replace(metadata.mingus_user_id ?? '', () => userId));

    expect(body).toEqual({
      success: false,
      error: 'Invalid customer data: User ID with unprintable characters',
    });
    const [row] = await service.database.rows(
      'select outcome, error_code from webhook_events where stripe_event_id = $1',
      [id],
    );
    expect(row).toEqual({ outcome: 'rejected', error_code: 'invalid_user_id' });
  });

  it('waits for its user like any other: SQL in the user id', async () => {
    const { id, payload } = await anEventWith('null');

    const { body } = await service.deliver(payload.replace(metadata.mingus_user_id ?? '', "' or 1=1 --"));

    expect(body).toEqual({ success: false, error: 'User not found' });
    const [row] = await service.database.rows(
      'select mingus_user_id from webhook_events where stripe_event_id = $1',
      [id],
    );
    expect(row).toEqual({ mingus_user_id: "' or 1=1 --" });
  });

  it('is accepted when only its envelope is unusual, or deeply nested outside of the object', async () => {
    const { customer, payload } = await anEventWith('null');
    const envelope = `{"livemode":"yes","created":"x","request":[5],"account":{},"api_version":7,
      "previous":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)},"pending_webhooks":-1,`;
    const hostile = payload
      .replace('"livemode":false,"pending_webhooks":1,', '')
      .replace(/"api_version":"[^"]*","created":\d+,/, '')
      .replace(/,"request":\{[^}]*\}/, '')
      .replace('{', () => envelope);

    const { body } = await service.deliver(hostile);

    expect(body).toMatchObject({ success: true, notifications_sent: 3 });
    expect(await storedCustomer(customer.id)).toMatchObject({ livemode: false, account: null });
  });

  it('is rejected as a thin event that names no object', async () => {
    const thin = {
      id: anEvent().id,
      object: 'v2.core.event',
      type: 'v1.customer.created',
      related_object: {},
    };

    const { status, body } = await service.deliver(thin);

    expect(status).toBe(200);
    expect(body).toEqual({ success: false, error: 'Invalid thin event: No related object' });
  });

  it.each<[string, Buffer]>([
    ['null', Buffer.from('null')],
    ['a list', Buffer.from('[{"id":"evt_1","type":"customer.created"}]')],
    ['a text', Buffer.from('"evt_1"')],
    ['a form', Buffer.from('id=evt_1&type=customer.created')],
    ['XML', Buffer.from('<event id="evt_1"/>')],
    ['cut off', Buffer.from(JSON.stringify(anEvent()).slice(0, -1))],
    ['NaN', Buffer.from('{"id":"evt_1","type":"customer.created","created":NaN}')],
    ['100,000 opening brackets', Buffer.from('['.repeat(DEPTH))],
    [
      'invalid UTF-8',
      Buffer.concat([
        Buffer.from('{"id":"evt_1","type":"x","a":"'),
        Buffer.from([0xc3, 0x28]),
        Buffer.from('"}'),
      ]),
    ],
    [
      'UTF-8 of a surrogate',
      Buffer.concat([
        Buffer.from('{"id":"evt_1","type":"x","a":"'),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('"}'),
      ]),
    ],
    ['a raw NUL', Buffer.from('{"id":"evt_1","type":"x","a":"\u0000"}')],
    ['a byte order mark', Buffer.from(`\uFEFF${JSON.stringify(anEvent())}`)],
    ['UTF-16', Buffer.from(JSON.stringify(anEvent()), 'utf16le')],
    ['random bytes', Buffer.from('c328a0ff00fe8180', 'hex')],
    ['an event id of 256 characters', Buffer.from(JSON.stringify(anEvent({}, { id: 'e'.repeat(256) })))],
    ['an event id with a NUL', Buffer.from(JSON.stringify(anEvent({}, { id: 'evt_\u0000' })))],
    ['a type with a line break', Buffer.from(JSON.stringify(anEvent({}, { type: 'customer\ncreated' })))],
  ])('is refused with 400 and not stored when it is not an event: %s', async (_, bytes) => {
    const rows = await storedRows(service.database);

    const { status, body } = await post(bytes);

    expect(status).toBe(400);
    expect(body).toEqual({ success: false, error: 'Not a Stripe event' });
    expect(await storedRows(service.database)).toEqual(rows);
  });
});

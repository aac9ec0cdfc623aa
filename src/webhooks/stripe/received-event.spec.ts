import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEvent, aThinEvent } from '../../../test/support/builders.js';
import { isTooDeep, parseReceivedEvent, type ReceivedEvent } from './received-event.js';

const RECEIVED_AT = new Date('2027-01-15T08:00:00Z');

const parse = (text: string) => parseReceivedEvent(Buffer.from(text), RECEIVED_AT);

function parseEvent(event: unknown): ReceivedEvent {
  return given(parse(typeof event === 'string' ? event : JSON.stringify(event)));
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error('Not taken for an event');
  return value;
}

const nested = (levels: number) => '{"a":'.repeat(levels) + 'null' + '}'.repeat(levels);

describe('bytes that are not an event are recognised', () => {
  it.each([
    ['nothing', ''],
    ['white space', '  \n'],
    ['text that is not JSON', 'id=evt_1&type=customer.created'],
    ['JSON cut short', '{"id":"evt_1","type":"customer.cre'],
    ['two values', '{"id":"evt_1","type":"a"}{}'],
    ['null', 'null'],
    ['true', 'true'],
    ['a number', '1'],
    ['a string', '"evt_1"'],
    ['an array', '[{"id":"evt_1","type":"customer.created"}]'],
    ['an empty object', '{}'],
    ['an object without an id', '{"type":"customer.created"}'],
    ['an object without a type', '{"id":"evt_1"}'],
    ['an id that is a number', '{"id":1,"type":"customer.created"}'],
    ['an empty id', '{"id":"","type":"customer.created"}'],
    ['an id with a line end', '{"id":"evt_1\\n","type":"customer.created"}'],
    ['an id with a NUL', '{"id":"evt_\\u0000","type":"customer.created"}'],
    ['an id of 256 characters', `{"id":"${'e'.repeat(256)}","type":"customer.created"}`],
    ['a type that is a list', '{"id":"evt_1","type":["customer.created"]}'],
    ['an id hidden in __proto__', '{"__proto__":{"id":"evt_1","type":"customer.created"}}'],
    ['a byte order mark', `\uFEFF${JSON.stringify(anEvent())}`],
    ['a raw NUL', `${JSON.stringify(anEvent())}\u0000`],
    ['half of a deep nesting', '['.repeat(250_000)],
  ])('%s', (_, text) => {
    expect(parse(text)).toBeNull();
  });

  it('bytes that are not UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(anEvent({ name: 'Zoë' })), 'latin1');
    expect(parseReceivedEvent(bytes, RECEIVED_AT)).toBeNull();
  });

  it('without an exception for any bytes', () => {
    const bodies = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((json) => Buffer.from(json)),
    );
    fc.assert(
      fc.property(bodies, (bytes) => {
        expect(() => parseReceivedEvent(bytes, RECEIVED_AT)).not.toThrow();
      }),
    );
  });
});

describe("an event's envelope is read", () => {
  it('in full, beside the object and the body as they came', () => {
    const event = anEvent(
      { id: 'cus_1' },
      { id: 'evt_1', created: 1_800_000_000, livemode: true, account: 'acct_1', request: { id: 'req_1' } },
    );
    const body = JSON.stringify(event, null, 3);

    expect(parse(body)).toEqual({
      kind: 'snapshot',
      stripeEventId: 'evt_1',
      type: 'customer.created',
      livemode: true,
      apiVersion: '2026-10-28.endive',
      account: 'acct_1',
      requestId: 'req_1',
      creationMethod: 'api',
      stripeCreatedAt: '2027-01-15T08:00:00.000Z',
      receivedAt: RECEIVED_AT,
      stateAt: '2027-01-15T08:00:00.000Z',
      stateToldBy: 'customer.created',
      object: { id: 'cus_1' },
      previousAttributes: null,
      relatedObject: null,
      snapshotEventId: null,
      imported: null,
      body,
    });
  });

  it.each([
    ['an object with an id', { id: 'req_1' }, 'req_1', 'api'],
    ['an id alone, as in old API versions', 'req_1', 'req_1', 'api'],
    ['an object without an id', { id: null, idempotency_key: null }, null, 'dashboard_or_automatic'],
    ['null', null, null, 'dashboard_or_automatic'],
    ['a list', ['req_1'], null, 'dashboard_or_automatic'],
  ])('with the creation method, when the request is %s', (_, request, requestId, creationMethod) => {
    expect(parseEvent(anEvent({}, { request }))).toMatchObject({ requestId, creationMethod });
  });

  it.each([
    ['zero', 0, '1970-01-01T00:00:00.000Z'],
    ['the last second of 9999', 253_402_300_799, '9999-12-31T23:59:59.000Z'],
    ['one second later', 253_402_300_800, null],
    ['huge', 1e300, null],
    ['negative', -1, null],
    ['a fraction', 1.5, null],
    ['text', '1800000000', null],
    ['null', null, null],
    ['missing', undefined, null],
  ])('without a time that is none: created is %s', (_, created, stripeCreatedAt) => {
    expect(parseEvent(anEvent({}, { created })).stripeCreatedAt).toBe(stripeCreatedAt);
  });

  it('when a number is too large for any computer', () => {
    expect(parseEvent('{"id":"evt_1","type":"a","created":1e400}').stripeCreatedAt).toBeNull();
  });

  it.each([
    ['livemode', 'true', 'livemode'],
    ['api_version', 20_261_028, 'apiVersion'],
    ['api_version', '2026\u0000', 'apiVersion'],
    ['account', {}, 'account'],
  ] as const)('with null for %s %j', (field, value, property) => {
    expect(parseEvent(anEvent({}, { [field]: value }))[property]).toBeNull();
  });

  it.each([[undefined], [null], ['data'], [[{ object: {} }]]])(
    'without an object when data is %j',
    (data) => {
      expect(parseEvent(anEvent({}, { data })).object).toBeUndefined();
    },
  );
});

describe("a thin event's envelope is read", () => {
  const thin = (fields: object = {}) => parseEvent(aThinEvent('cus_1', { id: 'evt_1', ...fields }));

  it('in full: it names its object and its snapshot twin', () => {
    const body = JSON.stringify(
      aThinEvent('cus_1', {
        id: 'evt_1',
        created: '2027-01-15T07:59:59.123Z',
        livemode: true,
        context: 'acct_1',
        reason: { type: 'request', request: { id: 'req_1', idempotency_key: 'k' } },
        snapshot_event: 'evt_2',
      }),
    );

    expect(parse(body)).toEqual({
      kind: 'thin',
      stripeEventId: 'evt_1',
      type: 'v1.customer.created',
      livemode: true,
      apiVersion: null,
      account: 'acct_1',
      requestId: 'req_1',
      creationMethod: 'api',
      stripeCreatedAt: '2027-01-15T07:59:59.123Z',
      receivedAt: RECEIVED_AT,
      stateAt: '2027-01-15T07:59:59.123Z',
      stateToldBy: 'v1.customer.created',
      object: undefined,
      previousAttributes: null,
      relatedObject: { id: 'cus_1', type: 'customer' },
      snapshotEventId: 'evt_2',
      imported: null,
      body,
    });
  });

  it.each([
    ['without fractions', '2027-01-15T07:59:59Z', '2027-01-15T07:59:59.000Z'],
    ['with microseconds', '2027-01-15T07:59:59.123456Z', '2027-01-15T07:59:59.123Z'],
    ['of a leap day', '2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['of a day that never was', '2027-02-29T00:00:00Z', null],
    ['of an hour that is none', '2027-01-15T25:00:00Z', null],
    ['in a zone', '2027-01-15T07:59:59+01:00', null],
    ['that is only a date', '2027-01-15', null],
    ['that is prose', 'Fri, 15 Jan 2027 07:59:59 GMT', null],
    ['in unix seconds', 1_800_000_000, null],
    ['that is null', null, null],
    ['that is missing', undefined, null],
  ])('with a time %s', (_, created, stripeCreatedAt) => {
    expect(thin({ created })).toMatchObject({
      stripeCreatedAt,
      stateAt: stripeCreatedAt ?? RECEIVED_AT.toISOString(),
    });
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['a text', 'cus_1'],
    ['a list', [{ id: 'cus_1', type: 'customer' }]],
    ['without an id', { type: 'customer' }],
    ['without a type', { id: 'cus_1' }],
    ['with an id that is a number', { id: 1, type: 'customer' }],
    ['with an id that holds a NUL', { id: 'cus_\u0000', type: 'customer' }],
    ['with an id of 256 characters', { id: 'c'.repeat(256), type: 'customer' }],
    ['with a type that is a list', { id: 'cus_1', type: ['customer'] }],
  ])('without a related object that is %s', (_, related) => {
    expect(thin({ related_object: related }).relatedObject).toBeNull();
  });

  it.each([
    ['context', {}, 'account'],
    ['snapshot_event', { id: 'evt_2' }, 'snapshotEventId'],
    ['snapshot_event', 'evt 2', 'snapshotEventId'],
    ['reason', 'request', 'requestId'],
    ['reason', { request: 'req_1' }, 'requestId'],
    ['reason', { request: { id: 1 } }, 'requestId'],
  ] as const)('with null for %s %j', (field, value, property) => {
    expect(thin({ [field]: value })[property]).toBeNull();
  });

  it('without an object, also when one has been put in', () => {
    expect(thin({ data: { object: { id: 'cus_1' } } }).object).toBeUndefined();
  });

  it.each([['event'], [undefined], ['V2.core.event']])('only when it says so: object %j', (object) => {
    expect(thin({ object })).toMatchObject({ relatedObject: null, snapshotEventId: null });
  });
});

describe('hostile JSON does no harm', () => {
  it('__proto__ stays a key like any other', () => {
    const metadata = '{"__proto__":"polluted","constructor":"x","mingus_user_id":"u\\u0000"}';
    const { object } = parseEvent(`{"id":"evt_1","type":"a","data":{"object":{"metadata":${metadata}}}}`);
    const kept = (object as { metadata: object }).metadata;

    expect(Object.entries(kept)).toEqual([
      ['__proto__', 'polluted'],
      ['constructor', 'x'],
      ['mingus_user_id', 'u\uFFFD'],
    ]);
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    ['NUL', '\\u0000', '\uFFFD'],
    ['a lone high surrogate', '\\ud83d', '\uFFFD'],
    ['a lone low surrogate', '\\uDE00', '\uFFFD'],
    ['an escaped emoji', '\\uD83D\\uDE00', '😀'],
    ['a backslash before u0000', '\\\\u0000', '\\u0000'],
  ])('%s is replaced where PostgreSQL cannot hold it, in keys and values at any depth', (_, json, stored) => {
    const body = `{"id":"evt_1","type":"a","data":{"object":{"list":[{"k${json}":"v${json}"}],"n":1}}}`;

    const event = parseEvent(body);

    expect(event.object).toEqual({ list: [{ [`k${stored}`]: `v${stored}` }], n: 1 });
    expect(event.body).toBe(body);
  });

  it.each([
    ['plain', nested(100_000)],
    ['with a NUL at the bottom', nested(100_000).replace('null', '"\\u0000"')],
    ['of arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('100,000 levels of nesting are received and reported as too deep: %s', (_, object) => {
    const event = parseEvent(`{"id":"evt_1","type":"a","data":{"object":${object}}}`);

    expect(event.stripeEventId).toBe('evt_1');
    expect(isTooDeep(event.object)).toBe(true);
  });

  it('64 levels are still processed', () => {
    expect(isTooDeep(JSON.parse(nested(64)))).toBe(false);
    expect(isTooDeep(JSON.parse(nested(65)))).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, collectedEventOf } from './collected-event.js';
import { EventRefusal } from './event-refusal.js';
import { mayBeUnstorable } from './storable-json.js';

const AT = Date.UTC(2026, 10, 30, 12);
const DAY_MS = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const arrival = (fields: Partial<Arrival> = {}): Arrival => ({
  received: { at: AT, keptFrom: AT - 730 * DAY_MS },
  sentAt: undefined,
  isSmall: false,
  isStorable: false,
  ...fields,
});
const aTrack = (fields: object = {}) => ({ type: 'track', event: 'Clicked', userId: 'u', ...fields });
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe('an event of a client', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'not_an_object'],
    ['a list', [], 'not_an_object'],
    ['a text', 'track', 'not_an_object'],
    ['no type', { userId: 'u', event: 'e' }, 'type_unknown'],
    ['an unknown type', aTrack({ type: 'delete' }), 'type_unknown'],
    ['a type of Object', aTrack({ type: '__proto__' }), 'type_unknown'],
    ['no id', aTrack({ userId: undefined }), 'identity_missing'],
    ['empty ids', aTrack({ userId: '', anonymousId: '' }), 'identity_missing'],
    ['a number as id', aTrack({ userId: 42 }), 'id_invalid'],
    ['an object as id', aTrack({ anonymousId: { $ne: null } }), 'id_invalid'],
    ['an id of 256 characters', aTrack({ userId: 'x'.repeat(256) }), 'id_invalid'],
    ['a messageId of 256 characters', aTrack({ messageId: 'x'.repeat(256) }), 'id_invalid'],
    ['a list as messageId', aTrack({ messageId: [] }), 'id_invalid'],
    ['no event', aTrack({ event: undefined }), 'event_missing'],
    ['an empty event', aTrack({ event: '' }), 'event_missing'],
    ['a number as event', aTrack({ event: 7 }), 'name_invalid'],
    ['an event of 201 characters', aTrack({ event: 'x'.repeat(201) }), 'name_invalid'],
    ['a name of 201 characters', { type: 'page', userId: 'u', name: 'x'.repeat(201) }, 'name_invalid'],
    ['the name of a call', aTrack({ event: '$page' }), 'name_reserved'],
    ['the name of a fact', aTrack({ event: 'customer_created' }), 'name_reserved'],
    ['the name of a stage', aTrack({ event: 'stage_active' }), 'name_reserved'],
    ['the name of a movement', aTrack({ event: 'mrr_new' }), 'name_reserved'],
    ['an alias without a user', { type: 'alias', anonymousId: 'a', previousId: 'p' }, 'identity_missing'],
    ['an alias without a previous id', { type: 'alias', userId: 'u' }, 'previous_id_missing'],
    ['a group without an id', { type: 'group', userId: 'u' }, 'group_id_missing'],
    ['properties that are a list', aTrack({ properties: [1] }), 'object_invalid'],
    ['traits that are a text', { type: 'identify', userId: 'u', traits: 'x' }, 'object_invalid'],
    ['a context that is a number', aTrack({ context: 1 }), 'object_invalid'],
    ['a time without a zone', aTrack({ timestamp: '2026-11-30T12:00:00' }), 'time_invalid'],
    ['a day that does not exist', aTrack({ timestamp: '2026-02-30T12:00:00Z' }), 'time_invalid'],
    ['a month that does not exist', aTrack({ timestamp: '2026-13-01T12:00:00Z' }), 'time_invalid'],
    ['an hour that does not exist', aTrack({ timestamp: '2026-11-30T25:00:00Z' }), 'time_invalid'],
    ['milliseconds as its time', aTrack({ timestamp: AT }), 'time_invalid'],
    ['a wrong sentAt', aTrack({ timestamp: iso(AT), sentAt: 'now' }), 'time_invalid'],
    ['a time in six minutes', aTrack({ timestamp: iso(AT + 6 * 60_000) }), 'time_in_the_future'],
    ['a time before the retention', aTrack({ timestamp: iso(AT - 731 * DAY_MS) }), 'time_before_retention'],
    ['the year 0000', aTrack({ timestamp: '0000-01-01T00:00:00Z' }), 'time_before_retention'],
    ['more than 32 KB', aTrack({ properties: { a: 'ä'.repeat(16_400) } }), 'too_large'],
    ['21 levels', aTrack({ properties: nested(20) }), 'too_deep'],
  ])('with %s is refused', (_, given, code) => {
    expect(collectedEventOf(given, arrival())).toMatchObject({ code, detail: expect.any(String) });
  });

  it.each<[string, object, number]>([
    ['without a time happens when it is received', {}, AT],
    ['without sentAt happens at its time', { timestamp: iso(AT - 5000) }, AT - 5000],
    [
      'of a clock that is an hour ahead is set right',
      { timestamp: iso(AT + 3_600_000 - 7000), sentAt: iso(AT + 3_600_000) },
      AT - 7000,
    ],
    [
      'of a clock that is years behind is set right',
      { timestamp: '1970-01-01T00:00:01Z', sentAt: '1970-01-01T00:00:04Z' },
      AT - 3000,
    ],
    [
      'has the original time, if there are two',
      { timestamp: iso(AT), originalTimestamp: iso(AT - 9) },
      AT - 9,
    ],
    ['may have a zone', { timestamp: '2026-11-30T14:00:00.000+0300' }, AT - 3_600_000],
    ['may lie five minutes ahead', { timestamp: iso(AT + 300_000) }, AT + 300_000],
  ])('%s', (_, times, occurredAt) => {
    expect(collectedEventOf(aTrack(times), arrival())).toMatchObject({ occurredAt });
  });

  it('takes the time of sending from its batch', () => {
    const event = aTrack({ timestamp: iso(AT + DAY_MS - 1000) });
    expect(collectedEventOf(event, arrival({ sentAt: iso(AT + DAY_MS) }))).toMatchObject({
      occurredAt: AT - 1000,
    });
  });

  it('has a key that depends on the messageId and its sender alone, and differs without one', () => {
    const keyOf = (fields: object) =>
      (collectedEventOf(aTrack(fields), arrival()) as { messageKey: string }).messageKey;

    expect(keyOf({ messageId: 'm' })).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(keyOf({ messageId: 'm', anonymousId: 'a' })).toBe(keyOf({ messageId: 'm' }));
    expect(keyOf({ messageId: 'm', userId: 'other' })).not.toBe(keyOf({ messageId: 'm' }));
    expect(keyOf({ messageId: 'm', event: 'Other' })).toBe(keyOf({ messageId: 'm' }));
    expect(keyOf({})).not.toBe(keyOf({}));
  });

  it('keeps keys of Object as plain properties', () => {
    const event = JSON.parse(
      '{"type":"page","userId":"u","properties":{"__proto__":{"a":1},"constructor":2}}',
    );
    const { properties } = collectedEventOf(event, arrival()) as { properties: object };

    expect(JSON.stringify(properties)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
  });

  it('of any JSON is read or refused, and then has only characters that can be stored', () => {
    const fields = fc.record(
      {
        type: fc.constantFrom('track', 'identify', 'page', 'alias', 'group'),
        event: fc.string({ unit: 'binary', maxLength: 10 }),
        userId: fc.oneof(fc.constant('u'), fc.jsonValue()),
        properties: fc.jsonValue(),
        traits: fc.jsonValue(),
        context: fc.jsonValue(),
        timestamp: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.oneof(fields, fc.jsonValue()), (given) => {
        const text = JSON.stringify(given);
        const event = collectedEventOf(JSON.parse(text), arrival({ isStorable: !mayBeUnstorable(text) }));
        if (event instanceof EventRefusal) return;
        expect(mayBeUnstorable(JSON.stringify(event))).toBe(false);
      }),
    );
  });
});

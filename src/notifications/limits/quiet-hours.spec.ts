import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietUntil } from './quiet-hours.js';

const MINUTE_MS = 60_000;
const minutesOf = (time: string) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};
const hours = (text: string) => {
  const [from = '', to = ''] = text.split('-');
  return { from: minutesOf(from), to: minutesOf(to) };
};
const until = (now: string, quiet: string, zone: string) =>
  quietUntil(new Date(now), hours(quiet), zone)?.toISOString() ?? null;

describe('a customer is not disturbed', () => {
  it.each([
    ['before the evening', '2026-11-24T20:59:59Z', '21:00-08:00', 'UTC', null],
    ['from its first minute', '2026-11-24T21:00:00Z', '21:00-08:00', 'UTC', '2026-11-25T08:00:00.000Z'],
    ['after midnight', '2026-11-25T00:00:00Z', '21:00-08:00', 'UTC', '2026-11-25T08:00:00.000Z'],
    ['in its last second', '2026-11-25T07:59:59.999Z', '21:00-08:00', 'UTC', '2026-11-25T08:00:00.000Z'],
    ['not at its end', '2026-11-25T08:00:00Z', '21:00-08:00', 'UTC', null],
    ['at noon', '2026-11-24T12:10:00Z', '12:00-14:00', 'UTC', '2026-11-24T14:00:00.000Z'],
    ['not outside noon', '2026-11-24T23:10:00Z', '12:00-14:00', 'UTC', null],
    ['west', '2026-11-25T03:30:00Z', '21:00-08:00', 'America/New_York', '2026-11-25T13:00:00.000Z'],
    ['east', '2026-11-24T13:00:00Z', '21:00-08:00', 'Asia/Tokyo', '2026-11-24T23:00:00.000Z'],
    ['by quarter hours', '2026-11-24T16:00:00Z', '21:00-08:00', 'Asia/Kathmandu', '2026-11-25T02:15:00.000Z'],
    ['a day ahead', '2026-11-24T08:00:00Z', '21:00-08:00', 'Pacific/Kiritimati', '2026-11-24T18:00:00.000Z'],
    [
      'in UTC for want of a zone',
      '2026-11-24T21:30:00Z',
      '21:00-08:00',
      'Nowhere/At',
      '2026-11-25T08:00:00.000Z',
    ],
  ])('%s', (_, now, quiet, zone, expected) => {
    expect(until(now, quiet, zone)).toBe(expected);
  });
});

describe('when clocks are changed', () => {
  it.each([
    // New York, 8 March 2026: 01:59 EST is followed by 03:00 EDT, at 07:00Z.
    [
      'a night of spring is an hour shorter',
      '2026-03-08T03:00:00Z',
      '21:00-08:00',
      '2026-03-08T12:00:00.000Z',
    ],
    [
      'an end that does not exist is the leap',
      '2026-03-08T06:00:00Z',
      '21:00-02:30',
      '2026-03-08T07:00:00.000Z',
    ],
    ['a start that does not exist is the leap', '2026-03-08T06:59:00Z', '02:30-08:00', null],
    ['… from which on it is quiet', '2026-03-08T07:00:00Z', '02:30-08:00', '2026-03-08T12:00:00.000Z'],
    ['quiet hours that do not exist are none', '2026-03-08T07:00:00Z', '02:10-02:50', null],
    // New York, 1 November 2026: 01:59 EDT is followed by 01:00 EST, at 06:00Z.
    [
      'a night of autumn is an hour longer',
      '2026-11-01T02:00:00Z',
      '21:00-08:00',
      '2026-11-01T13:00:00.000Z',
    ],
    [
      'an end that comes twice holds the first time',
      '2026-11-01T05:10:00Z',
      '21:00-01:30',
      '2026-11-01T05:30:00.000Z',
    ],
    ['… not in between', '2026-11-01T05:45:00Z', '21:00-01:30', null],
    ['… and the second time', '2026-11-01T06:10:00Z', '21:00-01:30', '2026-11-01T06:30:00.000Z'],
    [
      'a start that comes twice counts the first time',
      '2026-11-01T05:40:00Z',
      '01:30-08:00',
      '2026-11-01T13:00:00.000Z',
    ],
  ])('%s', (_, now, quiet, expected) => {
    expect(until(now, quiet, 'America/New_York')).toBe(expected);
  });

  it('it is quiet until the returned minute and not at it, also around clock changes', () => {
    const zones = ['Europe/Madrid', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca', 'UTC'];
    const time = fc.integer({ min: 0, max: 1439 });
    const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'];
    const now = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -1440, max: 2880 }))
      .map(([day, minutes]) => new Date(Date.parse(day) + minutes * MINUTE_MS));
    fc.assert(
      fc.property(now, time, time, fc.constantFrom(...zones), (at, from, to, zone) => {
        fc.pre(from !== to);
        const end = quietUntil(at, { from, to }, zone);
        if (!end) return;
        expect(end.getTime()).toBeGreaterThan(at.getTime());
        expect(quietUntil(end, { from, to }, zone)).toBeNull();
        expect(quietUntil(new Date(end.getTime() - 1), { from, to }, zone)).toEqual(end);
      }),
    );
  });
});

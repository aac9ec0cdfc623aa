import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { type Behaviour, storeBehaviour } from '../support/behaviour.js';
import { mondayOf } from '../support/retention-oracle.js';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-04-01T10:30:00Z');
const ZONES = ['UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kathmandu', 'Africa/Cairo'];

interface Series {
  is: string;
  value: string | null;
  events: number;
  persons: number;
  points: { at: string; events: number; persons: number }[];
}

describe('trends', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
  });
  afterAll(() => service.stop());

  const seriesOf = async (definition: object): Promise<Series[]> => {
    const { status, body } = await service.admin('analytics/answers', {
      definition: { kind: 'trends', ...definition },
    });
    expect([status, body.errors]).toEqual([200, undefined]);
    return body.result.series;
  };
  const act = (userId: string, name: string, at: string, properties = {}): Behaviour => {
    return { userId, name, at: new Date(at), properties };
  };

  it('have a point for each hour of the day on which clocks change, and for each day', async () => {
    await storeBehaviour(service.database, [
      act('ana', 'clock', '2026-03-29T00:59:59Z'),
      act('ana', 'clock', '2026-03-29T01:00:00Z'),
      act('ben', 'clock', '2026-03-29T01:30:00Z'),
    ]);
    const period = { from: '2026-03-28T23:00:00Z', to: '2026-03-29T22:00:00Z' };
    const definition = { events: [{ name: 'clock' }], zone: 'Europe/Madrid', period };
    const [hours] = await seriesOf({ ...definition, unit: 'hour' });
    expect(hours?.points).toHaveLength(23);
    expect(hours?.points.slice(1, 4)).toEqual([
      { at: '2026-03-29T00:00:00.000Z', events: 1, persons: 1 },
      { at: '2026-03-29T01:00:00.000Z', events: 2, persons: 2 },
      { at: '2026-03-29T02:00:00.000Z', events: 0, persons: 0 },
    ]);
    const [days] = await seriesOf(definition);
    expect(days?.points).toEqual(
      [{ at: period.from, events: 3, persons: 2 }].map((point) => ({
        ...point,
        at: new Date(point.at).toISOString(),
      })),
    );
  });

  it('begin a day with the first of two midnights', async () => {
    await storeBehaviour(service.database, [
      act('ana', 'midnight', '2025-11-02T03:59:59Z'),
      act('ana', 'midnight', '2025-11-02T04:30:00Z'),
      act('ana', 'midnight', '2025-11-02T05:30:00Z'),
    ]);
    const period = { from: '2025-11-01T04:00:00Z', to: '2025-11-04T05:00:00Z' };
    const [days] = await seriesOf({ events: [{ name: 'midnight' }], zone: 'America/Havana', period });
    expect(days?.points.map(({ at, events }) => [at, events])).toEqual([
      ['2025-11-01T04:00:00.000Z', 1],
      ['2025-11-02T04:00:00.000Z', 2],
      ['2025-11-03T05:00:00.000Z', 0],
    ]);
  });

  it('filter by properties, and treat a missing one as false', async () => {
    const sizes: [string, object][] = [
      ['small', { size: 5, plan: 'free' }],
      ['big', { size: 50, plan: 'team' }],
      ['text', { size: '50', plan: 'team' }],
      ['null', { size: null, plan: 'team' }],
      ['none', {}],
    ];
    await storeBehaviour(
      service.database,
      sizes.map(([userId, properties]) => act(userId, 'sized', '2026-03-30T00:00:00Z', properties)),
    );
    const count = async (...where: object[]) => {
      const [series] = await seriesOf({ events: [{ name: 'sized', where }] });
      return series?.events;
    };
    expect(await count()).toBe(5);
    expect(await count({ property: 'size' })).toBe(3);
    expect(await count({ property: 'size', present: false })).toBe(2);
    expect(await count({ property: 'size', in: [50] })).toBe(1);
    expect(await count({ property: 'size', in: [50, '50'] })).toBe(2);
    expect(await count({ property: 'size', notIn: [50] })).toBe(2);
    expect(await count({ property: 'size', atLeast: 5, atMost: 49 })).toBe(1);
    expect(await count({ property: 'size', atLeast: 6 }, { property: 'plan', in: ['team'] })).toBe(1);
    expect(await count({ property: "'; drop table people; --" })).toBe(0);
  });

  it('break down by property and by acquisition source; what has none is shown', async () => {
    const users = ['kim', 'lee', 'max'];
    await storeBehaviour(service.database, [
      ...users.map((userId, index) =>
        act(userId, 'split', '2026-03-30T00:00:00Z', index ? { plan: 'team' } : {}),
      ),
      act('lee', 'split', '2026-03-31T00:00:00Z', { plan: 'team' }),
    ]);
    await service.database.rows(
      `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at)
       values ($1, 'customer_created', 'evt_lee', $1, 'lee', 'partner', '{}', now())`,
      [uuidv7()],
    );
    const labels = async (breakdown: object) =>
      (await seriesOf({ events: [{ name: 'split' }], breakdown })).map(({ is, value, events, persons }) => [
        is,
        value,
        events,
        persons,
      ]);
    expect(await labels({ by: 'property', property: 'plan' })).toEqual([
      ['value', 'team', 3, 2],
      ['missing', null, 1, 1],
    ]);
    expect(await labels({ by: 'source' })).toEqual([
      ['value', 'partner', 2, 1],
      ['value', 'unknown', 2, 2],
    ]);
  });

  it('say since when events are kept, and how many have no user yet', async () => {
    const at = new Date('2026-03-30T00:00:00Z');
    await storeBehaviour(service.database, [{ userId: 'noa', name: 'noted', at, properties: { a: 1 } }]);
    await service.database.rows(
      `insert into behaviour_events (occurred_at, message_key, anonymous_id, type, name, properties, context)
       select $1, gen_random_uuid(), 'visitor', 'track', 'noted', jsonb_build_object('a', n), '{}'
       from generate_series(1, 3) as n`,
      [at],
    );
    const leftOut = async (where: object[] = []) => {
      const definition = { kind: 'trends', events: [{ name: 'noted', where }] };
      const { body } = await service.admin('analytics/answers', { definition });
      expect(body).toMatchObject({
        eventsKeptSince: expect.stringMatching(/^20\d\d-\d\d-01T00:00:00.000Z$/),
      });
      expect(new Date(body.eventsKeptSince) <= at).toBe(true);
      expect(body.result.series).toMatchObject([{ events: 1 }]);
      return body.limits;
    };
    const limit = { limit: 'events_without_user', max: null };
    expect(await leftOut()).toMatchObject([{ ...limit, found: 3 }]);
    expect(await leftOut([{ property: 'a', atMost: 1 }])).toMatchObject([{ ...limit, found: 1 }]);
  });

  it('count what going through the events counts', async () => {
    let run = 0;
    const arbitraryHours = fc.array(
      fc.record({ person: fc.integer({ min: 1, max: 4 }), hours: fc.integer({ min: 0, max: 30 * 24 }) }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ZONES),
        fc.constantFrom('day', 'week'),
        arbitraryHours,
        async (zone, unit, hours) => {
          run += 1;
          const start = Date.parse('2026-03-01T12:30:00Z');
          const events = hours.map(({ person, hours: after }): Behaviour => {
            return { userId: `user-${person}`, name: `any_${run}`, at: new Date(start + after * 3_600_000) };
          });
          await storeBehaviour(service.database, events);
          const period = { from: new Date('2026-03-05T06:00:00Z'), to: new Date('2026-03-30T00:00:00Z') };
          const [series] = await seriesOf({ events: [{ name: `any_${run}` }], zone, unit, period });
          const inPeriod = events.filter(({ at }) => at >= period.from && at < period.to);
          const keyOf = (at: Date) =>
            unit === 'week'
              ? mondayOf(at, zone)
              : Date.parse(at.toLocaleDateString('en-CA', { timeZone: zone }));
          for (const { at, events: counted, persons } of series?.points ?? []) {
            const ofPoint = inPeriod.filter((event) => keyOf(event.at) === keyOf(new Date(at)));
            expect([counted, persons]).toEqual([
              ofPoint.length,
              new Set(ofPoint.map(({ userId }) => userId)).size,
            ]);
          }
          const sum = series?.points.reduce((total, point) => total + point.events, 0);
          expect([sum, series?.events]).toEqual([inPeriod.length, inPeriod.length]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

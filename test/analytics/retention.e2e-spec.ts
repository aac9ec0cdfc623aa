import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefreshRollupsJob } from '../../src/analytics/questions/saved/refresh-rollups.job.js';
import { type Behaviour, storeBehaviour } from '../support/behaviour.js';
import { cohortsOf, type Retention } from '../support/retention-oracle.js';
import { TestApp } from '../support/test-app.js';

/** Zones with changes of clocks in this time: at 2 or 3 o'clock, at midnight, and by half an hour. */
const ZONES = ['UTC', 'Europe/Madrid', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe'];
const START = Date.parse('2026-02-16T00:00:00Z');
const HOUR = 3_600_000;

describe('retention', () => {
  let service: TestApp;
  let now = new Date('2026-05-06T12:00:00Z');

  beforeAll(async () => {
    service = await TestApp.start({ now: () => now });
  });
  afterAll(() => service.stop());

  const act = (userId: string, name: string, at: string): Behaviour => ({ userId, name, at: new Date(at) });
  const question = {
    kind: 'retention',
    first: { name: 'joined' },
    returning: { name: 'opened' },
    weeks: 3,
    zone: 'Europe/Madrid',
  };

  it('begins weeks on Monday in the zone, and has no numbers for weeks that are not over', async () => {
    now = new Date('2026-05-06T12:00:00Z');
    await storeBehaviour(service.database, [
      act('ana', 'joined', '2026-04-19T21:59:59Z'), // Sunday in Madrid
      act('ben', 'joined', '2026-04-19T22:00:00Z'), // Monday in Madrid
      act('ben', 'opened', '2026-04-27T00:00:00Z'),
      act('cem', 'joined', '2026-05-05T10:00:00Z'),
      act('cem', 'opened', '2026-05-05T10:00:00Z'),
    ]);
    const { body } = await service.admin('analytics/answers', { definition: question });
    expect(body.result.cohorts).toEqual([
      {
        week: '2026-04-20',
        isOver: true,
        persons: 1,
        cells: [
          { week: 0, persons: 0, rate: 0 },
          { week: 1, persons: 1, rate: 1 },
          { week: 2, persons: null, rate: null },
        ],
      },
      {
        week: '2026-04-27',
        isOver: true,
        persons: 0,
        cells: [
          { week: 0, persons: 0, rate: null },
          { week: 1, persons: null, rate: null },
        ],
      },
      { week: '2026-05-04', isOver: false, persons: 1, cells: [{ week: 0, persons: null, rate: null }] },
    ]);
  });

  it('is kept for saved questions, says how old it is, and counts late events with the next refresh', async () => {
    now = new Date('2026-05-06T12:00:00Z');
    await service.admin('analytics/questions', { name: 'kept', definition: { ...question, weeks: 2 } });
    const answer = async () => (await service.admin('analytics/questions/kept/answer')).body;
    expect(await answer()).toMatchObject({ name: 'kept', version: 1, ageSeconds: 0 });
    const refresh = () => service.app.get(RefreshRollupsJob).run();
    await refresh();
    const before = await answer();
    expect(before).toMatchObject({ asOf: now.toISOString(), ageSeconds: 0, zone: 'Europe/Madrid' });

    await storeBehaviour(service.database, [act('late', 'joined', '2026-04-28T10:00:00Z')]);
    now = new Date('2026-05-06T12:30:00Z');
    const stale = await answer();
    expect(stale).toEqual({ ...before, ageSeconds: 1800 });

    await refresh();
    const fresh = await answer();
    expect(fresh).toMatchObject({ asOf: now.toISOString(), ageSeconds: 0 });
    expect(fresh.result.cohorts[0].persons).toBe(before.result.cohorts[0].persons + 1);
    const asked = await service.admin('analytics/answers', { definition: fresh.definition });
    expect(asked.body.result).toEqual(fresh.result);
  });

  it('finds what looking at each person and each week finds', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryRetention, arbitraryEvents, async (retention, events) => {
        run += 1;
        now = retention.asOf;
        const name = (letter: string) => `${letter}_${run}`;
        const stored = events.map((event) => ({ ...event, name: name(event.name) }));
        await storeBehaviour(service.database, stored);
        const asked = { ...retention, first: name(retention.first), returning: name(retention.returning) };
        const { asOf: _, first, returning, ...rest } = asked;
        const definition = {
          kind: 'retention',
          ...rest,
          first: { name: first },
          returning: { name: returning },
        };
        const { body } = await service.admin('analytics/answers', { definition });
        expect(body.result?.cohorts).toEqual(cohortsOf(stored, asked));
      }),
      { numRuns: 60 },
    );
  });
});

/** Moments around Mondays are common. */
const arbitraryMoment = fc
  .record({
    week: fc.integer({ min: 0, max: 11 }),
    hours: fc.oneof(fc.integer({ min: -16, max: 16 }), fc.integer({ min: 0, max: 167 })),
    minutes: fc.constantFrom(0, 0, 29, 30, 59),
  })
  .map(({ week, hours, minutes }) => new Date(START + (week * 168 + hours) * HOUR + minutes * 60_000));

const arbitraryEvents = fc.array(
  fc
    .record({ person: fc.integer({ min: 1, max: 8 }), name: fc.constantFrom('a', 'b'), at: arbitraryMoment })
    .map(({ person, ...event }): Behaviour => ({ userId: `user-${person}`, ...event })),
  { minLength: 1, maxLength: 40 },
);

const arbitraryRetention: fc.Arbitrary<Retention> = fc.record({
  first: fc.constantFrom('a', 'a', 'b'),
  returning: fc.constantFrom('b', 'b', 'a'),
  zone: fc.constantFrom(...ZONES),
  weeks: fc.integer({ min: 1, max: 12 }),
  counting: fc.constantFrom('in_week', 'in_week_or_later'),
  rolling: fc.boolean(),
  asOf: arbitraryMoment,
});

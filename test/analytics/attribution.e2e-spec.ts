import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { type Behaviour, storeBehaviour } from '../support/behaviour.js';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const CREATED = Date.parse('2026-05-10T00:00:00Z');
const DAY = 86_400_000;

describe('attribution', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
  });
  beforeEach(() => service.database.rows('truncate behaviour_events, people, analytics_events'));
  afterAll(() => service.stop());

  const created = (userId: string): Behaviour => ({
    userId,
    name: 'customer_created',
    at: new Date(CREATED),
  });
  const visit = (userId: string, daysBefore: number, context: object, name = '$page'): Behaviour => {
    return { userId, name, at: new Date(CREATED - daysBefore * DAY), context: { ...context } };
  };
  const from = (source: string) => ({ campaign: { source } });
  const answer = async () => {
    const definition = {
      kind: 'attribution',
      period: { from: '2026-05-01T00:00:00Z', to: '2026-06-01T00:00:00Z' },
    };
    const { status, body } = await service.admin('analytics/answers', { definition });
    expect(status).toBe(200);
    return body;
  };
  // oxlint-disable-next-line no-explicit-any -- tests read any body
  const creditsOf = (sources: any[]): Record<string, number[]> =>
    Object.fromEntries(
      sources.map(({ origin, source, first, last, linear }) => [
        source === null ? origin : `${origin} ${source}`,
        [first.persons, last.persons, linear.persons],
      ]),
    );

  it('credits the first touch, the last that is not direct, and all alike', async () => {
    await storeBehaviour(service.database, [
      visit('ana', 91, from('too-early')),
      visit('ana', 90, from('Google ')),
      visit('ana', 20, { page: { url: 'https://mingus.app/?utm_source=newsletter&x=1' } }),
      visit(
        'ana',
        10,
        { page: { url: 'https://mingus.app/', referrer: 'https://blog.example.org/post' } },
        'read',
      ),
      visit('ana', 1, { page: { url: 'https://mingus.app/b', referrer: 'https://mingus.app/a' } }),
      created('ana'),
      visit('ana', -1, from('too-late')),
    ]);
    const { result } = await answer();
    expect(result).toMatchObject({ persons: 1, withoutTouch: 0 });
    expect(creditsOf(result.sources)).toEqual({
      'touch google': [1, 0, 0.25],
      'touch newsletter': [0, 0, 0.25],
      'touch blog.example.org': [0, 1, 0.25],
      direct: [0, 0, 0.25],
    });
  });

  it('shows what is unknown, and labels what only the metadata of Stripe say', async () => {
    await storeBehaviour(service.database, ['dan', 'eve', 'fay'].map(created));
    await storeBehaviour(service.database, [visit('fay', 1, {})]);
    for (const [userId, source] of [
      ['dan', 'partner'],
      ['eve', 'unknown'],
      ['fay', 'partner'],
    ]) {
      await service.database.rows(
        `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at)
         values ($1, 'customer_created', 'evt_' || $2, $1, $2, $3, '{}', $4)`,
        [uuidv7(), userId, source, new Date(CREATED)],
      );
    }
    const { result } = await answer();
    expect(result).toMatchObject({ persons: 3, withoutTouch: 2 });
    expect(creditsOf(result.sources)).toEqual({
      'metadata partner': [1, 1, 1],
      unknown: [1, 1, 1],
      direct: [1, 1, 1],
    });
  });

  it('decodes sources, keeps long ones apart, and never shows a login', async () => {
    const long = 'x'.repeat(199);
    const contexts = [
      { page: { url: 'https://mingus.app/?utm_source=Spring%20Sale' } },
      { page: { url: 'https://mingus.app/?utm_source=spring+sale' } },
      { campaign: { source: 'spring sale' } },
      { page: { url: 'https://mingus.app/', referrer: 'https://ana:canary@blog.example.org/a' } },
      { page: { url: 'https://mingus.app/', referrer: 'https://canary@blog.example.org:8080' } },
      { page: { url: 'https://mingus.app/', referrer: 'https://ana:canary@mingus.app/b' } },
      { page: { url: 'https://mingus.app/?utm_source=https%3A%2F%2Fana%3Acanary%40x.example%2F' } },
      { campaign: { source: `${long}ab` } },
      { campaign: { source: `${long}bc` } },
      { campaign: { source: `${long}bd` } },
    ];
    await storeBehaviour(service.database, [
      ...contexts.map((context) => visit('ana', 1, context)),
      created('ana'),
    ]);
    const { result, limits } = await answer();
    const linear = Object.entries(creditsOf(result.sources)).map(([label, credits]) => [label, credits[2]]);
    expect(Object.fromEntries(linear)).toEqual({
      'touch spring sale': 0.3,
      'touch blog.example.org': 0.2,
      direct: 0.1,
      'touch https://x.example/': 0.1,
      [`touch ${long}a`]: 0.1,
      [`touch ${long}b`]: 0.2,
    });
    expect(limits).toMatchObject([{ limit: 'value_length', max: 200, found: 201 }]);
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  it('sums so many sources that not all are read', async () => {
    await storeBehaviour(service.database, [created('ana')]);
    await service.database.rows(
      `with added as (insert into people (user_id) select 'many-' || n from generate_series(1, 10100) as n returning *)
       insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
       select $1::timestamptz - days, gen_random_uuid(), person_id, 'track', name, '{}',
         jsonb_build_object('campaign', jsonb_build_object('source', user_id))
       from added, (values ('customer_created', interval '0'), ('$page', interval '1 day')) as e (name, days)`,
      [new Date(CREATED)],
    );
    const { result, limits } = await answer();
    expect(result.persons).toBe(10_101);
    expect(result.sources.at(-1)).toMatchObject({ origin: 'other', linear: { persons: 10_101 - 50 } });
    expect(limits).toMatchObject([{ limit: 'breakdown_values', found: 10_101 }]);
  });

  it('gives shares that add up to exactly 1, and sums sources beyond the first 50', async () => {
    const arbitraryTouches = fc.array(
      fc.record({
        person: fc.integer({ min: 1, max: 9 }),
        source: fc.integer({ min: 1, max: 70 }),
        days: fc.integer({ min: 0, max: 95 }),
      }),
      { maxLength: 120 },
    );
    await fc.assert(
      fc.asyncProperty(arbitraryTouches, async (touches) => {
        await service.database.rows('truncate behaviour_events, people');
        await storeBehaviour(service.database, [
          ...touches.map(({ person, source, days }) => visit(`user-${person}`, days, from(`s${source}`))),
          ...Array.from({ length: 9 }, (_, index) => created(`user-${index + 1}`)),
        ]);
        const { result, limits } = await answer();
        for (const model of ['first', 'last', 'linear']) {
          const sum = (field: string) =>
            // oxlint-disable-next-line no-explicit-any -- tests read any body
            result.sources.reduce((total: number, source: any) => total + source[model][field], 0);
          expect(sum('shareMillionths')).toBe(1_000_000);
          expect(sum('persons')).toBeCloseTo(9, 6);
        }
        const counted = touches.filter(({ days }) => days <= 90);
        const labels = new Set(counted.map(({ source }) => source));
        const touched = new Set(counted.map(({ person }) => person));
        const found = labels.size + (touched.size < 9 ? 1 : 0);
        expect(limits.map((limit: { found: number }) => limit.found)).toEqual(found > 50 ? [found] : []);
        expect(result.sources).toHaveLength(Math.min(found, 51));
        expect(result.withoutTouch).toBe(9 - touched.size);
      }),
      { numRuns: 30 },
    );
  });
});

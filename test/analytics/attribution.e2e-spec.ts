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
  const creditsOf = (sources: any[]) =>
    Object.fromEntries(
      sources.map(({ origin, source, first, last, linear }) => [
        source === null ? origin : `${origin} ${source}`,
        [first.customers, last.customers, linear.customers],
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
    expect(result).toMatchObject({ customers: 1, withoutTouch: 0 });
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
    expect(result).toMatchObject({ customers: 3, withoutTouch: 2 });
    expect(creditsOf(result.sources)).toEqual({
      'metadata partner': [1, 1, 1],
      unknown: [1, 1, 1],
      direct: [1, 1, 1],
    });
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
          expect(sum('customers')).toBeCloseTo(9, 6);
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

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Behaviour, storeBehaviour } from '../support/behaviour.js';
import { TestApp } from '../support/test-app.js';

const HOUR = 3_600_000;

describe('questions after a person was erased', () => {
  let service: TestApp;
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR);

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  beforeEach(async () => {
    await service.database.rows('truncate behaviour_events, people');
    const act = (userId: string, name: string, hours: number, properties = {}): Behaviour => {
      return { userId, name, at: hoursAgo(hours), properties };
    };
    await storeBehaviour(service.database, [
      act('ana', 'opened', 5, { plan: 'team' }),
      act('ana', 'paid', 4, { plan: 'team' }),
      act('ben', 'opened', 3, { plan: 'team' }),
      act('cem', 'opened', 2),
    ]);
  });

  const erase = async (userId: string) => {
    const { status } = await service.admin(`users/${userId}/erase`, { confirm: userId });
    expect(status).toBe(200);
  };
  const ask = async (definition: object) => {
    const { status, body } = await service.admin('analytics/answers', { definition });
    expect([status, body.errors]).toEqual([200, undefined]);
    return body;
  };
  const funnel = { kind: 'funnel', steps: [{ name: 'opened' }, { name: 'paid' }], within: { days: 1 } };
  const trends = (where: object[] = []) => ({ kind: 'trends', events: [{ name: 'opened', where }] });
  const retention = { kind: 'retention', first: { name: 'opened' }, returning: { name: 'paid' }, weeks: 2 };

  it('have the same counts where they neither filter nor break down', async () => {
    const counts = async () =>
      Promise.all([funnel, trends(), retention].map(async (question) => (await ask(question)).result));
    const before = await counts();
    await erase('ana');
    expect(await counts()).toEqual(before);
  });

  it('say how many events pass no filter any more', async () => {
    await erase('ana');
    for (const [where, events] of [
      [{ property: 'plan' }, 1],
      [{ property: 'plan', present: false }, 1],
      [{ property: 'plan', notIn: ['free'] }, 1],
    ] as const) {
      const { result, limits } = await ask(trends([where]));
      expect(result.series).toMatchObject([{ events }]);
      expect(limits).toEqual([
        { limit: 'erased_events', max: null, found: 1, effect: expect.stringContaining('erased') },
      ]);
    }
    const filtered = { name: 'opened', where: [{ property: 'plan', in: ['team'] }] };
    for (const question of [
      { ...funnel, steps: [filtered, { name: 'paid' }] },
      { ...funnel, exclusions: [filtered] },
      { ...funnel, kind: 'time_to_convert', steps: undefined, first: filtered, last: { name: 'paid' } },
      { ...retention, first: filtered },
    ])
      expect((await ask(question)).limits).toMatchObject([{ limit: 'erased_events', found: 1 }]);
  });

  it('show erased persons as a group of each breakdown, with the same total', async () => {
    await erase('ana');
    const series = async (breakdown: object) =>
      (await ask({ ...trends(), breakdown })).result.series.map((one: Record<string, unknown>) => [
        one.is,
        one.value,
        one.events,
      ]);
    expect(await series({ by: 'property', property: 'plan' })).toEqual([
      ['value', 'team', 1],
      ['missing', null, 1],
      ['erased', null, 1],
    ]);
    expect(await series({ by: 'source' })).toEqual([
      ['value', 'unknown', 2],
      ['erased', null, 1],
    ]);
    for (const step of [1, 2]) {
      const { result } = await ask({ ...funnel, breakdown: { step, property: 'plan' } });
      expect(result.total).toMatchObject({ entries: 3, converted: 1 });
      expect(result.groups).toContainEqual(
        expect.objectContaining({ is: 'erased', entries: 1, converted: 1 }),
      );
    }
  });

  it('know no touches of erased persons, and say so', async () => {
    const at = hoursAgo(1);
    const visits = ['ana', 'ben'].map((userId): Behaviour => {
      return { userId, name: '$page', at: hoursAgo(6), context: { campaign: { source: 'news' } } };
    });
    const created = ['ana', 'ben'].map((userId): Behaviour => ({ userId, name: 'customer_created', at }));
    await storeBehaviour(service.database, [...visits, ...created]);
    await erase('ana');
    const { result, limits } = await ask({ kind: 'attribution' });
    expect(result).toMatchObject({ persons: 2, withoutTouch: 1 });
    expect(result.sources).toMatchObject([
      { origin: 'touch', source: 'news', linear: { shareMillionths: 500_000 } },
      { origin: 'unknown', source: null, linear: { shareMillionths: 500_000 } },
    ]);
    expect(limits).toMatchObject([{ limit: 'erased_persons', found: 1 }]);
  });
});

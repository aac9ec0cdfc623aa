import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { RefreshRollupsJob } from '../../src/analytics/questions/saved/refresh-rollups.job.js';
import { MILESTONES } from '../../src/events/lifecycle/lifecycle-names.js';
import { storeBehaviour } from '../support/behaviour.js';
import { aHistory, storeHistory } from '../support/revenue-history.js';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-07-01T00:00:00Z');
const day = (number: number) => new Date(Date.parse('2026-06-01T00:00:00Z') + number * 86_400_000);

describe('questions about ways and times', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
  });
  afterAll(() => service.stop());

  const ask = async (definition: object) => {
    const { status, body } = await service.admin('analytics/answers', { definition });
    expect([status, body.errors]).toEqual([200, undefined]);
    return body;
  };

  const live = (life: Record<string, number>) => {
    const milestones = Object.fromEntries(Object.entries(life).map(([name, at]) => [name, day(at)]));
    return service.database.rows(
      `with off as (select set_config('session_replication_role', 'replica', true))
         insert into customer_lifecycles (customer_id, stage, stage_entered_at, milestones)
         select $1, 'active', now(), $2::jsonb || '{"upgraded": null}' from off`,
      [uuidv7(), JSON.stringify(milestones)],
    );
  };

  it('count milestones in order, within the window, open apart from dropped', async () => {
    const lives: Record<string, number>[] = [
      { created: 1, welcomed: 1, first_payment: 11 },
      { created: 1, welcomed: 1, first_payment: 12 },
      { created: 2, first_payment: 3 },
      { created: 4, welcomed: 3, first_payment: 5 },
      { created: 25, welcomed: 26 },
      { created: 40 },
    ];
    for (const life of lives) await live(life);
    const { result } = await ask({
      kind: 'milestone_funnel',
      steps: ['created', 'welcomed', 'first_payment'],
      within: { days: 10 },
      period: { from: day(0), to: day(50) },
    });
    expect(result.total).toMatchObject({ entries: 5, converted: 1, dropped: 3, open: 1, rate: 0.25 });
    expect(result.total.timeToConvert).toEqual({ p50Seconds: 864_000, p90Seconds: 864_000 });
    expect(result.total.steps.map(({ converted }: { converted: number }) => converted)).toEqual([5, 3, 1]);
  });

  it('count milestones as events of the same times are counted, in one statement and in slices', async () => {
    const names = ['created', 'welcomed', 'first_payment'];
    const arbitraryLife = fc
      .tuple(...[40, 45, 45].map((max) => fc.option(fc.integer({ min: 0, max: max * 4 }), { freq: 5 })))
      .map((times) =>
        names.flatMap((name, index) => (times[index] === null ? [] : [[name, (times[index] ?? 0) / 4]])),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryLife, { minLength: 1, maxLength: 60 }), async (lives) => {
        await service.database.rows('truncate behaviour_events, people, customer_lifecycles cascade');
        for (const life of lives) await live(Object.fromEntries(life) as Record<string, number>);
        await storeBehaviour(
          service.database,
          lives.flatMap((life, index) =>
            life.map(([name, at]) => ({ userId: `user-${index}`, name: String(name), at: day(Number(at)) })),
          ),
        );
        const way = { within: { days: 10 }, period: { from: day(0), to: day(50) } };
        const byEvents = await ask({ ...way, kind: 'funnel', steps: names.map((name) => ({ name })) });
        const definition = { ...way, kind: 'milestone_funnel', steps: names };
        const { result } = await ask(definition);
        const { estimate, ...counts } = byEvents.result.total;
        expect(result.total).toMatchObject(counts);
        for (const [name, value] of Object.entries(estimate ?? {}))
          expect(result.total.estimate[name]).toBeCloseTo(value as number, 9);

        await service.admin('analytics/questions', { name: 'milestones', definition });
        await service.app.get(RefreshRollupsJob).run();
        expect((await service.admin('analytics/questions/milestones/answer')).body.result).toEqual(result);
      }),
      { numRuns: 15 },
    );
  });

  it('know all milestones of the lifecycle', async () => {
    const { result } = await ask({ kind: 'milestone_funnel', steps: MILESTONES, within: { days: 10 } });
    expect(result.total.steps).toHaveLength(MILESTONES.length);
  });

  it('say how long people take, within the window only', async () => {
    const minutes = [0.5, 2, 4, 20, 90];
    await storeBehaviour(
      service.database,
      minutes.flatMap((taken, index) => [
        { userId: `quick-${index}`, name: 'asked', at: day(1) },
        { userId: `quick-${index}`, name: 'answered', at: new Date(day(1).getTime() + taken * 60_000) },
      ]),
    );
    const { result } = await ask({
      kind: 'time_to_convert',
      first: { name: 'asked' },
      last: { name: 'answered' },
      within: { hours: 1 },
      period: { from: day(0), to: day(2) },
    });
    expect(result.total).toMatchObject({
      entries: 5,
      converted: 4,
      dropped: 1,
      timeToConvert: { p50Seconds: 120, p90Seconds: 1200 },
    });
    expect(result.histogram).toEqual([
      { fromSeconds: 0, toSeconds: 60, conversions: 1 },
      { fromSeconds: 60, toSeconds: 300, conversions: 2 },
      { fromSeconds: 300, toSeconds: 900, conversions: 0 },
      { fromSeconds: 900, toSeconds: 1800, conversions: 1 },
      { fromSeconds: 1800, toSeconds: null, conversions: 0 },
    ]);
  });

  it('answer about the retention of revenue as the reports about revenue do', async () => {
    await storeHistory(
      service.database,
      aHistory('a', [
        ['2026-02-05', 1000],
        ['2026-04-05', 400],
      ]),
    );
    const months = { from: '2026-01', to: '2026-06', zone: 'Europe/Madrid' };
    const { result, zone } = await ask({ kind: 'revenue_retention', ...months });
    const report = await service.admin(`revenue/cohorts?${new URLSearchParams(months)}`);
    expect(result).toEqual({ definition: report.body.definition, cohorts: report.body.cohorts });
    expect(zone).toBe('Europe/Madrid');
    expect(result.cohorts).toHaveLength(1);
  });
});

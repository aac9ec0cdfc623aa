import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountExperimentsJob } from '../../src/experiments/results/count-experiments.job.js';
import type {
  ExperimentResultsDto,
  GoalResultDto,
} from '../../src/experiments/results/experiment-results.dto.js';
import { isUnknown } from '../../src/experiments/statistics/unknown.js';
import { aPopulation, DAY_MS, storePopulation } from '../support/experiments/experiment-history.js';
import { type Counted, expectedDays } from '../support/experiments/results-oracle.js';
import { storeExperiment } from '../support/experiments/stored-experiment.js';
import { TestApp } from '../support/test-app.js';

const NOW = new Date('2026-07-10T12:00:00Z');
const STARTED = new Date(NOW.getTime() - 40 * DAY_MS);
const WEIGHTS = { control: 0.4, short: 0.3, long: 0.3 };
const ARMS = Object.keys(WEIGHTS);
const GOALS = [
  { type: 'milestone', name: 'pays', milestone: 'first_payment', withinDays: 14 },
  { type: 'behaviour', name: 'reports', event: 'report_viewed', withinDays: 7 },
  { type: 'mrr', name: 'revenue', currency: 'eur', withinDays: 14 },
];
const GUARDRAILS = [
  { type: 'unsubscribes', withinDays: 7, margin: 0.1 },
  { type: 'complaints', withinDays: 14, margin: 0 },
  { type: 'churn', withinDays: 7, margin: 0.2 },
];
const COUNTED: Record<string, Counted> = {
  pays: { kinds: ['milestone', 'reported_milestone'], withinDays: 14, metric: 'proportion' },
  reports: { kinds: ['behaviour'], withinDays: 7, metric: 'proportion' },
  revenue: { kinds: ['mrr'], withinDays: 14, metric: 'mean' },
  unsubscribes: { kinds: ['unsubscribe'], withinDays: 7, metric: 'proportion' },
  complaints: { kinds: ['complaint'], withinDays: 14, metric: 'proportion' },
  churn: { kinds: ['churn'], withinDays: 7, metric: 'proportion' },
};

/** Sums of fractions depend on the order of the rows in the last digits. */
const rounded = (value: object): object =>
  JSON.parse(JSON.stringify(value), (_, field) =>
    typeof field === 'number' ? Math.round(field * 1e9) / 1e9 : field,
  );

describe('the results of an experiment', () => {
  const units = aPopulation(4000, { now: NOW, days: 40, arms: 3, windows: [7, 14] });
  let service: TestApp;

  const results = async (query = ''): Promise<ExperimentResultsDto> => {
    const { status, body } = await service.admin(`experiments/guide/results${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
    const stored = { startedAt: STARTED, weights: WEIGHTS, phases: 2, goals: GOALS, guardrails: GUARDRAILS };
    const phaseIds = await storeExperiment(service.database, { ...stored, name: 'guide', status: 'running' });
    await storeExperiment(service.database, { ...stored, name: 'planned', status: 'draft' });
    await storePopulation(service.database, units, phaseIds);
  });
  afterAll(() => service.stop());

  it('are those of counting unit by unit, on each day, in the middle of a day, and after erasures', async () => {
    const { goals, asOf } = await results();
    expect(asOf).toEqual(NOW.toISOString());
    for (const goal of goals) expectGoal(goal, NOW);
  });

  it('can be asked for as of an earlier day', async () => {
    const { goals } = await results('?day=2026-06-30');
    for (const goal of goals) expectGoal(goal, new Date('2026-06-30T23:59:59.999Z'));
  });

  function expectGoal({ name, arms, days }: GoalResultDto, asOf: Date) {
    const known = units.filter(({ assignedAt }) => assignedAt <= asOf);
    const calendar = days.map(({ day }) => day);
    expect([calendar[0], calendar.at(-1)]).toEqual(['2026-05-31', asOf.toISOString().slice(0, 10)]);
    const counted = COUNTED[name];
    if (!counted) throw new Error(`There is no goal ${name}`);
    const expected = expectedDays(known, counted, { arms: ARMS, days: calendar, asOf }).map((day) => ({
      day: day.day,
      arms: day.arms.map(({ comparison, mean, ...counts }) => {
        const isKnown = comparison !== null && !isUnknown(comparison);
        const near = (value: number) => expect.closeTo(value, 9);
        return {
          ...counts,
          mean: mean === null ? null : near(mean),
          unknown: comparison !== null && isUnknown(comparison) ? comparison.unknown : null,
          comparison: !isKnown
            ? null
            : {
                lift: near(comparison.lift),
                lower: near(comparison.interval[0]),
                upper: near(comparison.interval[1]),
                p: near(comparison.p),
                adjustedP: expect.any(Number),
                chanceToWin: near(comparison.chances.toWin),
                riskOfControl: near(comparison.chances.riskOfControl),
                riskOfArm: near(comparison.chances.riskOfArm),
                strata: comparison.strata,
              },
        };
      }),
    }));
    expect(days).toEqual(expected);
    expect(arms).toEqual(days.at(-1)?.arms);
    expect(arms.map(({ unknown }) => unknown)).toEqual([null, null, null]);
  }

  it('count guardrails alike', async () => {
    const { guardrails } = await results();
    expect(guardrails).toHaveLength(GUARDRAILS.length);
    for (const { type, arms } of guardrails) {
      const counted = COUNTED[type];
      if (!counted) throw new Error(`There is no guardrail ${type}`);
      const [expected] = expectedDays(units, counted, { arms: ARMS, days: ['2026-07-10'], asOf: NOW });
      expect(arms).toMatchObject(
        (expected?.arms ?? []).map(({ arm, units: closed, open, mean }) => ({
          arm,
          units: closed,
          open,
          mean,
        })),
      );
      expect(arms.map(({ verdict }) => verdict)).toEqual([null, 'open', 'open']);
    }
  });

  it('correct p for all goals and arms', async () => {
    const { goals } = await results();
    const compared = goals.flatMap(({ arms }) => arms.flatMap(({ comparison }) => comparison ?? []));
    expect(compared).toHaveLength(6);
    const [smallest] = compared.toSorted((one, other) => one.p - other.p);
    expect(smallest?.adjustedP).toBeCloseTo(Math.min(1, 6 * (smallest?.p ?? 0)), 9);
  });

  it('say for each phase whether units are spread as the weights say', async () => {
    const { phases } = await results();
    const counts = [0, 1].map((phase) =>
      ARMS.map((_, arm) => units.filter((unit) => unit.phase === phase && unit.arm === arm).length),
    );
    expect(phases.map(({ arms }) => arms.map((arm) => arm.units))).toEqual(counts);
    // The population is spread evenly, against the weights.
    expect(phases.map(({ sampleRatio }) => sampleRatio?.verdict)).toEqual(['alerts', 'alerts']);
  });

  it('of a single look are given on demand, with a narrower interval', async () => {
    const width = ({ goals }: ExperimentResultsDto) => {
      const { lower = 0, upper = 0 } = goals[1]?.arms[1]?.comparison ?? {};
      return upper - lower;
    };
    const fixed = await results('?method=fixed');
    expect(fixed.method).toBe('fixed');
    expect(width(fixed)).toBeLessThan(width(await results()));
  });

  it('of a draft are empty', async () => {
    const { status, body } = await service.admin('experiments/planned/results');
    expect([status, body.phases[0].sampleRatio, body.goals[0].days.length]).toEqual([200, null, 1]);
    expect(body.goals[0].arms).toMatchObject([
      { arm: 'control', units: 0, open: 0, mean: null, comparison: null, unknown: null },
      { arm: 'short', units: 0, comparison: null, unknown: 'no_units' },
      { arm: 'long', units: 0, comparison: null, unknown: 'no_units' },
    ]);
  });

  it('are kept by the hour, and the same from the counts that are kept', async () => {
    const days = ['', '?day=2026-07-10', '?day=2026-07-09', '?day=2026-06-12'];
    const counted = await Promise.all(days.map(results));
    await service.app.get(CountExperimentsJob).run();
    await service.database.rows('create table hidden as table experiment_units');
    await service.database.rows('truncate experiment_units');
    expect(rounded(await Promise.all(days.map(results)))).toEqual(rounded(counted));
    expect((await results('?counted=now')).phases[0]?.arms.map((arm) => arm.units)).toEqual([0, 0, 0]);
    await service.database.rows('insert into experiment_units table hidden');
    await service.database.rows('drop table hidden');
    await service.database.rows('truncate experiment_counts');
  });

  it('are counted by the hour until the last window has closed', async () => {
    const end = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
    const counts = { units: [], goalOutcomes: [], guardrailOutcomes: [] };
    const keep = (asOf: Date, stoppedAt: Date) =>
      service.database.rows(
        `with stopped as (update experiments set stopped_at = $2 where name = 'guide' returning id)
         insert into experiment_counts select id, $1, $3 from stopped
         on conflict (experiment_id) do update set as_of = $1, counts = $3`,
        [asOf, stoppedAt, counts],
      );
    const recount = async () => {
      await service.app.get(CountExperimentsJob).run();
      return (await service.database.rows('select as_of from experiment_counts'))[0]?.as_of;
    };
    await keep(end(1), end(20));
    expect(await recount()).toEqual(end(1));
    await keep(end(1), end(14));
    expect(await recount()).toEqual(NOW);
    await service.database.rows(`update experiments set stopped_at = null`);
    await service.database.rows('truncate experiment_counts');
  });

  it.each([
    ['an unknown experiment', 'nothing/results', 404, 'experiment_not_found'],
    ['a name that is no name', `${encodeURIComponent("x' or 1=1 --")}/results`, 404, 'experiment_not_found'],
    ['a zero byte', 'a%00b/results', 400, 'invalid_request'],
    ['a day that is none', 'guide/results?day=2026-02-30', 400, 'period_invalid'],
    ['a day in the future', 'guide/results?day=2026-07-11', 400, 'period_invalid'],
    ['a time', 'guide/results?day=2026-07-01T00:00:00Z', 400, 'invalid_request'],
    ['two days', 'guide/results?day=2026-07-01&day=2026-07-02', 400, 'invalid_request'],
    ['an unknown way of counting', 'guide/results?counted=daily', 400, 'invalid_request'],
    ['an unknown method', 'guide/results?method=lucky', 400, 'invalid_request'],
    ['an unknown parameter', 'guide/results?from=2026-07-01', 400, 'invalid_request'],
  ])('are refused for %s', async (_, path, status, code) => {
    const answer = await service.admin(`experiments/${path}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, armsWith, startExperiment } from './an-experiment.js';

const GOAL = { type: 'milestone', name: 'activation', milestone: 'activated', withinDays: 14 };
const treats = (kind: string) => armsWith({ messages: [{ kind, delayMinutes: 5 }] });
const range = (from: number, to: number) => ({ namespace: { name: 'signup', from, to } });
const OTHER_RANGE = { name: 'other', from: 0, to: 0.5 };
const weights = (a: number, b: number) => ({
  arms: [
    { key: 'a', weight: a },
    { key: 'b', weight: b },
  ],
});

describe('an experiment', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
    const fields = { coverage: 0.5, arms: treats('welcome'), ...range(0, 0.5) };
    await service.admin('experiments', anExperiment('draft'));
    await startExperiment(service, anExperiment('running', fields));
    await startExperiment(
      service,
      anExperiment('stopped', { arms: treats('onboarding_guide'), namespace: OTHER_RANGE }),
    );
    await service.admin('experiments/stopped/stop', {});
    await startExperiment(service, anExperiment('decided'));
    await service.admin('experiments/decided/stop', {});
    await service.admin('experiments/decided/decide', { arm: 'a', reason: 'No difference' });
  });
  afterAll(() => service.stop());

  const experiment = async (name: string) => (await service.admin(`experiments/${name}`)).body as Fields;
  const audited = () =>
    service.database.rows<{ action: string; object_id: string }>(
      `select action, object_id from audit_entries where object_type = 'experiment' order by id`,
    );

  it.each<
    [act: string, method: string, path: string, body: Fields | undefined, status: number, code: string]
  >([
    ['new weights while it runs', 'PATCH', 'running', weights(0.9, 0.1), 409, 'experiment_started'],
    ['another namespace while it runs', 'PATCH', 'running', { namespace: null }, 409, 'experiment_started'],
    ['a segment while it runs', 'PATCH', 'running', { segment: 'gold' }, 409, 'experiment_started'],
    [
      'other goals while it runs',
      'PATCH',
      'running',
      { goals: [{ ...GOAL, withinDays: 7 }] },
      409,
      'experiment_started',
    ],
    [
      'a guardrail while it runs',
      'PATCH',
      'running',
      { guardrails: [{ type: 'churn', withinDays: 30 }] },
      409,
      'experiment_started',
    ],
    ['less coverage', 'PATCH', 'running', { coverage: 0.4 }, 409, 'coverage_shrinks'],
    ['more coverage after its stop', 'PATCH', 'stopped', { coverage: 0.4 }, 409, 'experiment_not_running'],
    ['its deletion while it runs', 'DELETE', 'running', undefined, 409, 'experiment_started'],
    ['its deletion after the decision', 'DELETE', 'decided', undefined, 409, 'experiment_started'],
    ['a second start', 'POST', 'running/start', {}, 409, 'experiment_started'],
    ['a start after its stop', 'POST', 'stopped/start', {}, 409, 'experiment_started'],
    ['a stop before its start', 'POST', 'draft/stop', {}, 409, 'experiment_not_running'],
    ['a phase before its start', 'POST', 'draft/phases', weights(0.9, 0.1), 409, 'experiment_not_running'],
    ['a phase after its stop', 'POST', 'stopped/phases', weights(0.9, 0.1), 409, 'experiment_not_running'],
    ['a decision while it runs', 'POST', 'running/decide', { reason: 'Now' }, 409, 'experiment_not_stopped'],
    ['a second decision', 'POST', 'decided/decide', { reason: 'Again' }, 409, 'experiment_not_stopped'],
    [
      'a decision for an unknown arm',
      'POST',
      'stopped/decide',
      { arm: 'c', reason: 'So' },
      400,
      'experiment_invalid',
    ],
    [
      'a phase with an arm of fewer than 100 buckets',
      'POST',
      'running/phases',
      { ...weights(0.985, 0.015), coverage: 0.5 },
      400,
      'experiment_invalid',
    ],
    [
      'a phase with other arms',
      'POST',
      'running/phases',
      {
        arms: [
          { key: 'a', weight: 0.5 },
          { key: 'c', weight: 0.5 },
        ],
      },
      400,
      'experiment_invalid',
    ],
  ])('refuses %s', async (...[, method, path, body, ...expected]) => {
    const [name = ''] = path.split('/');
    const [before, acts] = [await experiment(name), await audited()];
    const answer = await service.admin(`experiments/${path}`, body, method);
    expect([answer.status, answer.body.code]).toEqual(expected);
    expect(answer.body.detail.length).toBeGreaterThan(20);
    expect([await experiment(name), await audited()]).toEqual([before, acts]);
  });

  it.each<[because: string, other: string, fields: Fields, code: string]>([
    ['its range of the namespace overlaps', 'running', range(0.4, 0.6), 'namespace_occupied'],
    ['its range overlaps that', 'stopped', { namespace: OTHER_RANGE }, 'namespace_occupied'],
    ['the same messages are treated', 'running', { arms: treats('welcome') }, 'message_occupied'],
    ['the same messages are treated', 'stopped', { arms: treats('onboarding_guide') }, 'message_occupied'],
  ])('does not start if %s by one that is %s', async (_, other, fields, code) => {
    const name = `${other}-${code.replace('_', '-')}`;
    await service.admin('experiments', anExperiment(name, fields));
    const { status, body } = await service.admin(`experiments/${name}/start`, {});
    expect([status, body.code, body.errors]).toEqual([409, code, [other]]);
    expect((await experiment(name)).status).toBe('draft');
  });

  it('starts beside others in another range, or with other messages', async () => {
    await startExperiment(service, anExperiment('beside', { arms: treats('welcome'), ...range(0.5, 1) }));
    await startExperiment(service, anExperiment('apart', { arms: treats('portal_access') }));
  });

  it('changes entirely while it is a draft, and later its description and a greater coverage', async () => {
    const { arms } = weights(0.2, 0.8);
    const rest = {
      coverage: 0.1,
      description: 'New',
      ...range(0, 1),
      goals: [GOAL, { ...GOAL, name: 'later' }],
    };
    const { body } = await service.admin('experiments/draft', { arms, ...rest }, 'PATCH');
    expect(body).toMatchObject({ ...rest, phases: [{ arms }] });
    expect(
      (await service.admin('experiments/draft', { namespace: null }, 'PATCH')).body.namespace,
    ).toBeNull();
    expect(
      await service.admin('experiments/running', { coverage: 0.6, description: 'More' }, 'PATCH'),
    ).toMatchObject({
      status: 200,
      body: { coverage: 0.6, description: 'More' },
    });
    expect((await service.admin('experiments/decided', { description: 'Why' }, 'PATCH')).status).toBe(200);
    expect((await service.admin('experiments/draft', undefined, 'DELETE')).status).toBe(204);
    expect((await service.admin('experiments/draft')).status).toBe(404);
  });

  it('is audited with each act, and not for changes of nothing', async () => {
    const { description } = await experiment('stopped');
    await service.admin('experiments/stopped', {}, 'PATCH');
    await service.admin('experiments/stopped', { description }, 'PATCH');
    const acts = (await audited()).filter(({ object_id: id }) => ['stopped', 'decided'].includes(id));
    expect(acts.map(({ action, object_id: id }) => `${id} ${action}`)).toEqual([
      'stopped experiment.defined',
      'stopped experiment.started',
      'stopped experiment.stopped',
      'decided experiment.defined',
      'decided experiment.started',
      'decided experiment.stopped',
      'decided experiment.decided',
      'decided experiment.edited',
    ]);
  });

  it('is listed by name, in pages and by status', async () => {
    const first = (await service.admin('experiments?limit=2')).body;
    const rest = (await service.admin(`experiments?limit=100&cursor=${first.nextCursor}`)).body;
    const names = [...first.items, ...rest.items].map(({ name }: Fields) => name);
    expect(names).toEqual([...names].toSorted());
    expect([first.items.length, rest.nextCursor]).toEqual([2, null]);
    const { items } = (await service.admin('experiments?status=decided')).body;
    expect(items.map(({ name }: Fields) => name)).toEqual(['decided']);
  });
});

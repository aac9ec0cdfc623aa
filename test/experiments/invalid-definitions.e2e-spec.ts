import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, armsWith } from './an-experiment.js';

const GOAL = { type: 'milestone', name: 'activation', milestone: 'activated', withinDays: 14 };
const arm = (fields: Fields) => [
  { key: 'a', weight: 0.5 },
  { key: 'b', weight: 0.5, ...fields },
];
const BEHAVIOUR = { type: 'behaviour', name: 'sharing', event: 'shared', withinDays: 93 };
const weights = (a: number, b: number) => [
  { key: 'a', weight: a },
  { key: 'b', weight: b },
];
const message = (fields: Fields) => ({ arms: armsWith({ messages: [{ kind: 'welcome', ...fields }] }) });
const parameters = (values: unknown) => ({ arms: armsWith({ parameters: values }) });
const nested = (depth: number) => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)) as Fields;

describe('a definition of an experiment', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { BEHAVIOUR_RETENTION_DAYS: '100' } });
    await service.admin('experiments', anExperiment('taken'));
  });
  afterAll(() => service.stop());

  const stored = () =>
    service.database.rows(
      'select name, coverage, goals, p.arms from experiments e join experiment_phases p on experiment_id = e.id order by p.id',
    );

  it.each<[what: string, fields: Fields]>([
    ['a name with capitals', { name: 'Upper' }],
    ['no arms', { arms: undefined }],
    ['null for arms', { arms: null }],
    ['one arm', { arms: [{ key: 'a', weight: 1 }] }],
    ['too many arms', { arms: Array.from({ length: 11 }, (_, key) => ({ key: `a${key}`, weight: 1 / 11 })) }],
    ['an arm twice', { arms: arm({ key: 'a' }) }],
    ['an arm without a key', { arms: arm({ key: undefined }) }],
    ['an arm that is a text', { arms: ['a', 'b'] }],
    ['weights beyond 1', { arms: arm({ weight: 0.6 }) }],
    [
      'a negative weight',
      {
        arms: [
          { key: 'a', weight: 1.5 },
          { key: 'b', weight: -0.5 },
        ],
      },
    ],
    ['a weight that is a text', { arms: arm({ weight: '0.5' }) }],
    [
      'a single weight above 0',
      {
        arms: [
          { key: 'a', weight: 1 },
          { key: 'b', weight: 0 },
        ],
      },
    ],
    ['arms that are lists', { arms: [[], []] }],
    ['messages that are lists', { arms: armsWith({ messages: [[]] }) }],
    ['a treatment that is a list', { arms: arm({ treatment: [] }) }],
    ['an arm with fewer than 100 buckets', { coverage: 0.04, arms: weights(0.8, 0.2) }],
    ['an unknown field of an arm', { arms: arm({ colour: 'red' }) }],
    ['a treatment of null', { arms: arm({ treatment: null }) }],
    ['no coverage at all', { coverage: 0 }],
    ['a coverage above 1', { coverage: 1.1 }],
    ['an empty range', { namespace: { name: 'n', from: 0.5, to: 0.5 } }],
    ['a range beyond 1', { namespace: { name: 'n', from: 0.5, to: 1.5 } }],
    ['a namespace without a range', { namespace: { name: 'n' } }],
    ['a namespace that is a list', { namespace: [] }],
    ['an unknown segment', { segment: 'unknown' }],
    ['a segment that is a number', { segment: 5 }],
    ['no goal', { goals: [] }],
    ['a goal twice', { goals: [GOAL, GOAL] }],
    ['a goal of an unknown type', { goals: [{ ...GOAL, type: 'clicks' }] }],
    ['a goal of a type of the language', { goals: [{ ...GOAL, type: 'constructor' }] }],
    ['a goal of null', { goals: [null] }],
    ['a goal that is a list', { goals: [[]] }],
    ['a milestone that does not exist', { goals: [{ ...GOAL, milestone: 'frist_payment' }] }],
    ['events that are removed before they are counted', { goals: [{ ...BEHAVIOUR, withinDays: 94 }] }],
    ['a guardrail that is a list', { guardrails: [[]] }],
    ['a goal without its milestone', { goals: [{ ...GOAL, milestone: undefined }] }],
    ['a goal with a field of another type', { goals: [{ ...GOAL, event: 'login' }] }],
    ['a goal without a window', { goals: [{ ...GOAL, withinDays: 0 }] }],
    ['a window of half a day', { goals: [{ ...GOAL, withinDays: 0.5 }] }],
    ['a currency that is none', { goals: [{ type: 'mrr', name: 'mrr', currency: 'EURO', withinDays: 30 }] }],
    ['an unknown guardrail', { guardrails: [{ type: 'sleep', withinDays: 7 }] }],
    [
      'a guardrail twice',
      {
        guardrails: [
          { type: 'churn', withinDays: 7 },
          { type: 'churn', withinDays: 30 },
        ],
      },
    ],
    ['a negative margin', { guardrails: [{ type: 'churn', withinDays: 7, margin: -1 }] }],
    ['a message on request', message({ kind: 'portal_link', send: false })],
    ['a message twice', { arms: armsWith({ messages: [{ kind: 'welcome' }, { kind: 'welcome' }] }) }],
    ['messages that are no list', { arms: armsWith({ messages: 'welcome' }) }],
    ['an unknown version of a template', message({ templateVersion: 7 })],
    ['a negative delay', message({ delayMinutes: -1 })],
    ['a delay beyond 30 days', message({ delayMinutes: 43_201 })],
    ['"no" for sending', message({ send: 'no' })],
    ['parameters in a list', parameters([1])],
    ['a parameter of null', parameters({ a: null })],
    ['a parameter that is an object', parameters({ a: { b: 1 } })],
    ['parameters beyond 2 KB', parameters({ a: 'x'.repeat(2048) })],
    ['a NUL in a parameter', parameters({ a: 'x\0' })],
    ['half of a surrogate pair', parameters({ a: '\ud800' })],
    ['a NUL in the description', { description: '\0' }],
    ['a long description', { description: 'x'.repeat(2001) }],
    ['an unknown field', { winner: 'a' }],
    ['parameters 200 levels deep', parameters(nested(200))],
  ])('with %s is refused, and changes nothing', async (_, fields) => {
    const before = await stored();
    const defined = await service.admin('experiments', anExperiment('refused', fields));
    expect([defined.status, defined.body.code]).toEqual([
      400,
      expect.stringMatching(/^(invalid_request|experiment_invalid|body_too_deep)$/),
    ]);
    if (!('name' in fields) && Object.values(fields)[0] !== undefined) {
      expect((await service.admin('experiments/taken', fields, 'PATCH')).status).toBe(400);
    }
    expect(await stored()).toEqual(before);
  });

  it.each<[what: string, method: string, path: string, body: unknown, status: number]>([
    ['a taken name', 'POST', 'experiments', anExperiment('taken'), 409],
    ['a definition that is a list', 'POST', 'experiments', [], 400],
    ['changes in a list', 'PATCH', 'experiments/taken', [], 400],
    ['an unknown name', 'POST', 'experiments/unknown/start', {}, 404],
    ['an unknown name', 'PATCH', 'experiments/unknown', { description: '' }, 404],
    ['an unknown name', 'DELETE', 'experiments/unknown', undefined, 404],
    ['a name with a NUL', 'GET', 'experiments/a%00', undefined, 400],
    ['a phase without arms', 'POST', 'experiments/taken/phases', {}, 400],
    ['a phase with arms that are lists', 'POST', 'experiments/taken/phases', { arms: [[], []] }, 400],
    ['a phase with weights as texts', 'POST', 'experiments/taken/phases', { arms: ['1', '2'] }, 400],
    ['a decision without a reason', 'POST', 'experiments/taken/decide', { arm: 'a' }, 400],
    ['a decision with an empty reason', 'POST', 'experiments/taken/decide', { reason: '' }, 400],
    ['an unknown status', 'GET', 'experiments?status=open', undefined, 400],
    ['a cursor that is no name', 'GET', 'experiments?cursor=%00', undefined, 400],
    ['a limit beyond 100', 'GET', 'experiments?limit=101', undefined, 400],
  ])('%s (%s %s) is refused', async (_, method, path, body, status) => {
    const before = await stored();
    expect((await service.admin(path, body, method)).status).toBe(status);
    expect(await stored()).toEqual(before);
  });

  it('may be at the limits', async () => {
    const fields = { coverage: 0.05, arms: weights(0.8, 0.2), goals: [GOAL, BEHAVIOUR] };
    expect((await service.admin('experiments', anExperiment('limits', fields))).status).toBe(201);
  });
});

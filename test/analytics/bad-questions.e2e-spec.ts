import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, request, TestApp } from '../support/test-app.js';

const event = { name: 'opened' };
const step = (length: number) => Array.from({ length }, () => event);
const funnel = { kind: 'funnel', steps: step(2), within: { days: 7 } };
const trends = { kind: 'trends', events: [event] };
const retention = { kind: 'retention', first: event, returning: event };
const period = (from: string, to: string) => ({ ...trends, period: { from, to } });

const BAD: [what: string, definition: unknown, code?: string][] = [
  ['no definition', undefined],
  ['null', null],
  ['a text', 'funnel'],
  ['a list', [funnel]],
  ['an empty object', {}],
  ['an unknown kind', { ...trends, kind: 'guess' }],
  ['the kind of every object', { ...trends, kind: 'constructor' }],
  ['a kind that is a number', { ...trends, kind: 1 }],
  ['an unknown field', { ...trends, colour: 'red' }],
  ['a field of another kind', { ...trends, steps: step(2) }],
  ['no steps', { kind: 'funnel', within: { days: 7 } }],
  ['one step', { ...funnel, steps: step(1) }],
  ['11 steps', { ...funnel, steps: step(11) }],
  ['a step that is a text', { ...funnel, steps: ['opened', 'closed'] }],
  ['a step that is null', { ...funnel, steps: [event, null] }],
  ['a step without a name', { ...funnel, steps: [event, {}] }],
  ['an empty name', { ...funnel, steps: [event, { name: '' }] }],
  ['a name of 201 characters', { ...funnel, steps: [event, { name: 'x'.repeat(201) }] }],
  ['a name with a NUL', { ...funnel, steps: [event, { name: 'a\u0000b' }] }],
  ['6 exclusions', { ...funnel, exclusions: step(6) }],
  ['no window', { kind: 'funnel', steps: step(2) }],
  ['an empty window', { ...funnel, within: {} }, 'definition_invalid'],
  ['a window of zero', { ...funnel, within: { days: 0 } }, 'definition_invalid'],
  ['a window below zero', { ...funnel, within: { days: -1 } }],
  ['a window of a century', { ...funnel, within: { days: 36_525 } }],
  ['a window of 367 days in parts', { ...funnel, within: { days: 366, hours: 24 } }, 'definition_invalid'],
  ['half a day', { ...funnel, within: { days: 0.5 } }],
  ['a window as a text', { ...funnel, within: { days: '7' } }],
  [
    'a breakdown of a step that is missing',
    { ...funnel, breakdown: { step: 3, property: 'plan' } },
    'definition_invalid',
  ],
  ['a breakdown of step 0', { ...funnel, breakdown: { step: 0, property: 'plan' } }],
  ['a breakdown without a property', { ...funnel, breakdown: { step: 1 } }, 'definition_invalid'],
  [
    'a breakdown by a segment of the second step',
    { ...funnel, breakdown: { step: 2, segment: 'a' } },
    'definition_invalid',
  ],
  [
    '11 filters',
    { ...trends, events: [{ ...event, where: Array.from({ length: 11 }, () => ({ property: 'a' })) }] },
  ],
  ['a filter by no values', { ...trends, events: [{ ...event, where: [{ property: 'a', in: [] }] }] }],
  ['a filter by an object', { ...trends, events: [{ ...event, where: [{ property: 'a', in: [{}] }] }] }],
  [
    'a filter by half a character',
    { ...trends, events: [{ ...event, where: [{ property: 'a', in: ['\ud800'] }] }] },
  ],
  ['a bound that is a text', { ...trends, events: [{ ...event, where: [{ property: 'a', atLeast: '1' }] }] }],
  ['a period that ends as it begins', period('2026-01-01', '2026-01-01'), 'period_invalid'],
  ['a period that ends before', period('2026-02-01', '2026-01-01'), 'period_invalid'],
  ['a period of three years', period('2023-01-01', '2026-01-01'), 'period_invalid'],
  ['a period without an end', { ...trends, period: { from: '2026-01-01' } }, 'period_invalid'],
  [
    'two periods',
    { ...trends, period: { from: '2026-01-01', to: '2026-02-01', lastDays: 3 } },
    'period_invalid',
  ],
  ['a time that is none', period('yesterday', '2026-01-01')],
  ...['2026-02-30', '2026-1-5', 'January 5, 2026', '01/05/2026', '2026-01-05T10:00:00', 5, '5', true].map(
    (from): [string, unknown] => [
      `the time ${JSON.stringify(from)}`,
      { ...trends, period: { from, to: '2026-02-01' } },
    ],
  ),
  ['a time before all events', period('0001-01-01', '2026-01-01')],
  ['a time after the calendar', period('2026-01-01', '+275760-09-13T00:00:00Z')],
  ['0 days', { ...trends, period: { lastDays: 0 } }],
  ['a period that is a text', { ...trends, period: 'today' }],
  ['a zone that does not exist', { ...trends, zone: 'Europe/Atlantis' }],
  ...['CET', 'MET', 'EET', 'WET', 'EST5EDT', 'Etc/GMT+5', 'PRC'].map((zone): [string, unknown] => [
    `the zone ${zone}, which is no place`,
    { ...trends, zone },
  ]),
  ['a zone with SQL', { ...trends, zone: "UTC'; select 1" }],
  ['a zone that is a number', { ...trends, zone: 1 }],
  ['a unit that does not exist', { ...trends, unit: 'month' }],
  ['hours of a year', { ...trends, unit: 'hour', period: { lastDays: 365 } }, 'definition_invalid'],
  ['no events', { ...trends, events: [] }],
  ['11 events', { ...trends, events: step(11) }],
  [
    'a breakdown by property without its name',
    { ...trends, breakdown: { by: 'property' } },
    'definition_invalid',
  ],
  ...['period', 'breakdown'].flatMap((field): [string, unknown][] => [
    [`null as the ${field}`, { ...trends, [field]: null }],
    [`a list as the ${field}`, { ...trends, [field]: [] }],
  ]),
  ['a window that is null', { ...funnel, within: null }],
  ['a window that is a list', { ...funnel, within: [] }],
  ['a window with null', { ...funnel, within: { days: 7, hours: null } }],
  ['a period with null', { ...trends, period: { lastDays: 7, from: null } }],
  ['exclusions that are null', { ...funnel, exclusions: null }],
  ['a step that is a list', { ...funnel, steps: [event, []] }],
  ['a first event that is a list', { ...retention, first: [] }],
  ['filters that are null', { ...trends, events: [{ ...event, where: null }] }],
  ['a filter that is a list', { ...trends, events: [{ ...event, where: [[]] }] }],
  ...['in', 'notIn', 'present', 'atLeast', 'atMost'].map((condition): [string, unknown] => [
    `a filter whose ${condition} is null`,
    { ...trends, events: [{ ...event, where: [{ property: 'a', [condition]: null }] }] },
  ]),
  ['a breakdown with null', { ...funnel, breakdown: { step: 1, property: 'plan', segment: null } }],
  ['a month that is null', { kind: 'revenue_retention', from: null }],
  ['0 weeks', { ...retention, weeks: 0 }],
  ['weeks below zero', { ...retention, weeks: -4 }],
  ['54 weeks', { ...retention, weeks: 54 }],
  ['an unknown counting', { ...retention, counting: 'always' }],
  ['a retention without a return', { kind: 'retention', first: event }],
  ['a milestone twice', { kind: 'milestone_funnel', steps: ['created', 'created'], within: { days: 1 } }],
  [
    'a milestone that does not exist',
    { kind: 'milestone_funnel', steps: ['created', 'rich'], within: { days: 1 } },
  ],
  ['0 days of touches', { kind: 'attribution', lookbackDays: 0 }],
  ['a month that does not exist', { kind: 'revenue_retention', from: '2026-13' }],
  ['months that end before', { kind: 'revenue_retention', from: '2026-05', to: '2026-01' }, 'period_invalid'],
  [
    'a definition of 100 KB',
    { ...trends, events: [{ ...event, where: [{ property: 'x'.repeat(100_000) }] }] },
  ],
  [
    'a definition of many values',
    {
      ...funnel,
      steps: step(10).map((of) => ({
        ...of,
        where: [{ property: 'a', in: Array.from({ length: 50 }, () => 'x'.repeat(200)) }],
      })),
    },
    'definition_invalid',
  ],
];

describe('a question that is not valid', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const stored = () => service.database.rows('select name from analytics_questions');

  it.each(BAD)(
    'is refused when it is asked and when it is saved: %s',
    async (_, definition, code = 'invalid_request') => {
      const refused = { status: 400, body: { code, detail: expect.any(String) } };
      expect(await service.admin('analytics/answers', { definition })).toMatchObject(refused);
      expect(await service.admin('analytics/questions', { name: 'bad', definition })).toMatchObject(refused);
      expect(await stored()).toEqual([]);
    },
  );

  it.each([null, [], [{ definition: trends, name: 'bad' }]])(
    'is refused as a whole body: %j',
    async (body) => {
      for (const path of ['answers', 'questions'])
        expect(await service.admin(`analytics/${path}`, body)).toMatchObject({
          status: 400,
          body: { code: 'invalid_request' },
        });
      expect(await stored()).toEqual([]);
    },
  );

  it.each([102, 7000, 200_000])('is refused with %d lists in one another, on any route', async (levels) => {
    const lists = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const definition = JSON.stringify({ ...funnel, steps: [event, 'lists'] }).replace('"lists"', lists);
    for (const [path, body] of [
      ['analytics/questions', `{"name":"deep","definition":${definition}}`],
      ['analytics/answers', lists],
      ['api-keys', `{"name":${lists}}`],
    ])
      expect(
        await request(`${service.url}/admin/${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
          body,
        }),
      ).toMatchObject({ status: 400, body: { code: 'body_too_deep' } });
    expect(await stored()).toEqual([]);
  });

  it.each(['', 'UPPER', 'two words', '-begins', 'x'.repeat(65), 7, null, undefined])(
    'is not saved under the name %j',
    async (name) => {
      const { status, body } = await service.admin('analytics/questions', { name, definition: trends });
      expect([status, body.code]).toEqual([400, 'invalid_request']);
      expect(await stored()).toEqual([]);
    },
  );

  it.each(['UPPER', 'a%00b', 'x'.repeat(65), '..%2f..'])('has no name such as %s', async (name) => {
    for (const path of [name, `${name}/answer`])
      expect((await service.admin(`analytics/questions/${path}`)).status).toBe(400);
    expect((await service.admin(`analytics/questions/${name}`, undefined, 'DELETE')).status).toBe(400);
  });

  it.each(['0', '-1', 'newest', '1.5', '99999999999'])('has no version %s', async (version) => {
    const { status, body } = await service.admin(`analytics/questions/any/answer?version=${version}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });
});

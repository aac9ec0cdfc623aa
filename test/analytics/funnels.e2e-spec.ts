import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Behaviour, storeBehaviour } from '../support/behaviour.js';
import { estimateOf, type Funnel, outcomesOf, reportOf } from '../support/funnel-oracle.js';
import { storeSegments } from '../support/database/stored-segments.js';
import { TestApp } from '../support/test-app.js';

const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;
const at = (minutes: number) => new Date(START + minutes * MINUTE);

describe('a funnel', () => {
  let service: TestApp;
  let now = at(1000);

  beforeAll(async () => {
    service = await TestApp.start({ now: () => now });
  });
  afterAll(() => service.stop());

  const ask = async (definition: object) => {
    const { status, body } = await service.admin('analytics/answers', { definition });
    expect(body).toMatchObject({ kind: expect.any(String) });
    expect(status).toBe(200);
    return body;
  };
  const period = { from: at(0), to: at(500) };
  const act = (userId: string, name: string, minutes: number, plan?: string): Behaviour => {
    return { userId, name, at: at(minutes), properties: plan ? { plan } : {} };
  };

  it('keeps steps of the same second apart, and lets one event fill one step', async () => {
    now = at(1000);
    await storeBehaviour(service.database, [
      act('same-1', 'tie_a', 1),
      act('same-1', 'tie_b', 1),
      act('same-2', 'tie_b', 1),
      act('same-2', 'tie_a', 1),
      act('once', 'again', 1),
      act('twice', 'again', 1),
      act('twice', 'again', 1),
    ]);
    const within = { minutes: 5 };
    const inOrder = { kind: 'funnel', within, period, steps: [{ name: 'tie_a' }, { name: 'tie_b' }] };
    expect((await ask(inOrder)).result.total).toMatchObject({ entries: 2, converted: 1, dropped: 1 });
    const repeated = { ...inOrder, steps: [{ name: 'again' }, { name: 'again' }] };
    expect((await ask(repeated)).result.total).toMatchObject({ entries: 2, converted: 1, dropped: 1 });
  });

  it('distinguishes what is open from what was dropped, and estimates from both', async () => {
    now = at(60);
    const signups = [0, 1, 2, 45, 50, 55];
    await storeBehaviour(service.database, [
      ...signups.map((minute, index) => act(`open-${index}`, 'open_a', minute)),
      act('open-0', 'open_b', 5),
      act('open-3', 'open_b', 47),
    ]);
    const { result, asOf, definition } = await ask({
      kind: 'funnel',
      steps: [{ name: 'open_a' }, { name: 'open_b' }],
      within: { minutes: 30 },
      period,
    });
    expect(asOf).toBe(now.toISOString());
    expect(definition).toMatchObject({
      zone: 'UTC',
      exclusions: [],
      steps: [{ name: 'open_a', where: [] }, {}],
    });
    expect(result.total).toMatchObject({ entries: 6, converted: 2, dropped: 2, open: 2, rate: 1 / 3 });
    expect(result.total.steps[1]).toMatchObject({ converted: 2, dropped: 2, open: 2 });
    // At 2 minutes 6 are at risk, at 5 minutes 4: one of the open ones was seen for 5 minutes and counts until then.
    expect(result.total.estimate.conversion).toBeCloseTo(1 - (5 / 6) * (4 / 5), 9);
  });

  it('is broken down into the members of a segment and the others', async () => {
    now = at(1000);
    await service.database.rows(
      `insert into customers select (jsonb_populate_record(null::customers, jsonb_build_object(
         'id', gen_random_uuid(), 'user_id', 'seg-1', 'stripe_customer_id', 'cus_seg', 'livemode', false,
         'stripe_event_id', 'evt_seg', 'email', 'seg@example.com', 'metadata', '{}'::jsonb, 'preferred_locales', '[]'::jsonb,
         'balance_minor', 0, 'additional_fields', '{}'::jsonb, 'state_at', now(), 'state_told_by', 'api',
         'created_at', now(), 'updated_at', now()))).*`,
    );
    await storeSegments((text, values) => service.database.rows(text, values), {
      chosen: { type: 'field', field: 'email', equals: 'seg@example.com' },
    });
    await service.database.rows(
      `insert into segment_members select serving_version_id, customers.id, now() from segments, customers`,
    );
    await storeBehaviour(service.database, [
      act('seg-1', 'seg_a', 1),
      act('seg-1', 'seg_b', 2),
      act('seg-2', 'seg_a', 1),
      act('seg-3', 'seg_a', 1),
    ]);
    const definition = {
      kind: 'funnel',
      within: { minutes: 5 },
      period,
      steps: [{ name: 'seg_a' }, { name: 'seg_b' }],
    };
    const { result } = await ask({ ...definition, breakdown: { segment: 'chosen' } });
    expect(result.groups).toMatchObject([
      { is: 'value', value: 'member', entries: 1, converted: 1 },
      { is: 'value', value: 'not_member', entries: 2, converted: 0 },
    ]);
    const unknown = { definition: { ...definition, breakdown: { segment: 'nope' } } };
    expect(await service.admin('analytics/answers', unknown)).toMatchObject({
      status: 404,
      body: { code: 'segment_not_found' },
    });
    const both = { definition: { ...definition, breakdown: { segment: 'chosen', property: 'plan' } } };
    expect(await service.admin('analytics/answers', both)).toMatchObject({ status: 400 });
  });

  it('says when values beyond the first 50 are summed', async () => {
    now = at(1000);
    const events = Array.from({ length: 53 }, (_, index) =>
      act(`many-${index}`, 'many_a', 1, `plan-${index}`),
    );
    await storeBehaviour(service.database, [...events, act('many-0', 'many_b', 2)]);
    const { result, limits } = await ask({
      kind: 'funnel',
      steps: [{ name: 'many_a' }, { name: 'many_b' }],
      within: { hours: 1 },
      period,
      breakdown: { step: 1, property: 'plan' },
    });
    expect(limits).toEqual([{ limit: 'breakdown_values', max: 50, found: 53, effect: expect.any(String) }]);
    expect(result.groups).toHaveLength(51);
    expect(result.groups.at(-1)).toMatchObject({ is: 'other', value: null, entries: 3 });
    expect(result.total).toMatchObject({ entries: 53, converted: 1 });
  });

  it('finds what trying each attempt of each person finds', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryCase, async ({ funnel, events }) => {
        run += 1;
        now = new Date(funnel.asOf);
        const renamed = (name: string) => `${name}_${run}`;
        const stored = events.map((event) => ({ ...event, name: renamed(event.name) }));
        await storeBehaviour(service.database, stored);
        const named = {
          ...funnel,
          steps: funnel.steps.map((step) => ({ ...step, name: renamed(step.name) })),
          exclusions: funnel.exclusions.map(({ name }) => ({ name: renamed(name) })),
        };
        const { result } = await ask(definitionOf(named));
        const outcomes = outcomesOf(stored, named);
        expectGroup(result.total, outcomes, named);
        if (named.breakdownStep === null) return void expect(result.groups).toEqual([]);
        const labels = new Set(outcomes.filter(({ depth }) => depth > 0).map(({ value }) => value));
        const groups = result.groups.filter(({ entries }: { entries: number }) => entries > 0);
        expect(groups).toHaveLength(labels.size);
        for (const value of labels) {
          const is = value === undefined ? 'not_reached' : value === null ? 'missing' : 'value';
          const group = groups.find((candidate: { is: string; value: unknown }) => {
            return candidate.is === is && candidate.value === (value ?? null);
          });
          const ofGroup = outcomes.filter((outcome) => outcome.depth > 0 && outcome.value === value);
          expectGroup({ ...group, voided: 0 }, ofGroup, named);
        }
      }),
      { numRuns: 120 },
    );
  });
});

// oxlint-disable-next-line no-explicit-any -- tests read any body
function expectGroup(group: any, outcomes: ReturnType<typeof outcomesOf>, funnel: Funnel): void {
  expect(group).toMatchObject(reportOf(outcomes, funnel));
  const estimate = estimateOf(outcomes, funnel);
  if (!estimate) return void expect(group.estimate).toBeNull();
  const { conversion, low, high } = group.estimate;
  for (const [index, value] of [conversion, low, high].entries()) {
    expect(value).toBeCloseTo(estimate[index] as number, 9);
  }
}

function definitionOf(funnel: Funnel): object {
  return {
    kind: 'funnel',
    steps: funnel.steps.map(({ name, plan }) => ({
      name,
      where: plan === undefined ? [] : [{ property: 'plan', in: [plan] }],
    })),
    exclusions: funnel.exclusions,
    within: { minutes: funnel.windowMs / MINUTE },
    period: { from: new Date(funnel.from), to: new Date(funnel.to) },
    ...(funnel.breakdownStep ? { breakdown: { step: funnel.breakdownStep, property: 'plan' } } : {}),
  };
}

/** Few times and names, so that ties, repeated steps and exclusions in between are common. */
const arbitraryEvent = fc
  .record({
    person: fc.integer({ min: 1, max: 25 }),
    name: fc.constantFrom('a', 'a', 'b', 'b', 'c', 'd'),
    minute: fc.integer({ min: 0, max: 12 }),
    plan: fc.constantFrom('free', 'team', null),
  })
  .map(({ person, name, minute, plan }): Behaviour => {
    return { userId: `user-${person}`, name, at: at(minute), properties: plan ? { plan } : {} };
  });

const arbitraryStep = fc.record(
  { name: fc.constantFrom('a', 'b', 'c'), plan: fc.constantFrom('free', 'team') },
  { requiredKeys: ['name'] },
);

const arbitraryCase = fc.record({
  events: fc.array(arbitraryEvent, { maxLength: 250, minLength: 100 }),
  funnel: fc
    .record({
      steps: fc.array(arbitraryStep, { minLength: 2, maxLength: 4 }),
      exclusions: fc.array(fc.record({ name: fc.constantFrom('c', 'd') }), { maxLength: 2 }),
      breakdownStep: fc.option(fc.integer({ min: 1, max: 4 })),
      from: fc.integer({ min: 0, max: 3 }),
      length: fc.integer({ min: 2, max: 12 }),
      window: fc.integer({ min: 1, max: 8 }),
      asOf: fc.integer({ min: 6, max: 25 }),
    })
    .map(({ from, length, window, asOf, breakdownStep, ...funnel }): Funnel => ({
      ...funnel,
      breakdownStep: breakdownStep && Math.min(breakdownStep, funnel.steps.length),
      from: at(from).getTime(),
      to: at(from + length).getTime(),
      windowMs: window * MINUTE,
      asOf: at(asOf).getTime(),
    })),
});

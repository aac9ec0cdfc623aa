import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AutomationDriver, CREATED, DAY, ofPlan, planned, task } from './automation-driver.js';

const NO_ID = '01934f5e-7c00-7000-8000-000000000001';

describe('the definition of an automation', () => {
  let driver: AutomationDriver;

  beforeAll(async () => {
    driver = await AutomationDriver.start();
  });
  afterAll(() => driver.stop());

  const call = task('Call {{customer.name}}');
  const ok = { when: CREATED, steps: [call] };
  const withFields = (fields: unknown, changes: object = {}) => ({
    ...ok,
    steps: [{ ...call, fields, ...changes }],
  });
  const wait = (one: unknown) => ({ ...ok, steps: [{ wait: one }] });
  const when = (one: unknown) => ({ ...ok, when: one });

  it.each<[object, string]>([
    [{}, 'when: missing'],
    [{ ...ok, code: 'x' }, 'code: unknown_key'],
    [when(null), 'when.type: unknown_value'],
    [when({ type: 'webhook' }), 'when.type: unknown_value'],
    [when({ type: '__proto__' }), 'when.type: unknown_value'],
    [when({ type: 'fact', fact: 'customer.erased' }), 'when.fact: unknown_value'],
    [when({ ...CREATED, data: { email: 'a@b.c' } }), 'when.data.email: unknown_key'],
    [when({ ...CREATED, data: { imported: 'yes' } }), 'when.data.imported: wrong_type'],
    [when({ ...CREATED, data: [] }), 'when.data: wrong_type'],
    [when({ ...CREATED, data: { stripeCustomerId: null } }), 'when.data.stripeCustomerId: wrong_type'],
    [when({ type: 'stage', in: ['gone'] }), 'when.in[0]: unknown_value'],
    [when({ type: 'stage', in: [] }), 'when.in: out_of_range'],
    [when({ type: 'segment', segment: 'none', change: 'entered' }), 'when.segment: unknown_segment'],
    [when({ type: 'milestone_overdue', milestone: 'none', days: 1 }), 'when.milestone: unknown_value'],
    [when({ type: 'milestone_overdue', milestone: 'activated', days: 366 }), 'when.days: out_of_range'],
    [when({ type: 'prediction', target: 'churns', crosses: 'above', value: 2 }), 'when.value: out_of_range'],
    [{ ...ok, if: { type: 'stage', in: ['gone'] } }, 'if.in[0]: unknown_value'],
    [{ ...ok, if: { all: [{ type: 'none' }] } }, 'if.all[0].type: unknown_value'],
    [{ ...ok, if: null }, 'if: wrong_type'],
    [
      { ...ok, stopIf: { not: { type: 'prediction', target: 'churns', atLeast: 0.5 } } },
      'stopIf: rule: negated_prediction',
    ],
    [{ ...ok, once: 'yes' }, 'once: wrong_type'],
    [{ ...ok, steps: [] }, 'steps: out_of_range'],
    [{ ...ok, steps: Array.from({ length: 51 }, () => call) }, 'steps: out_of_range'],
    [{ ...ok, steps: {} }, 'steps: wrong_type'],
    [{ ...ok, steps: [null] }, 'steps[0]: missing'],
    [{ ...ok, steps: [{ webhook: 'x' }] }, 'steps[0]: missing'],
    [wait({ days: 366 }), 'steps[0].wait.days: out_of_range'],
    [wait({ days: 0.5 }), 'steps[0].wait.days: wrong_type'],
    [wait({ minutes: 365 * 1440 + 1 }), 'steps[0].wait.minutes: out_of_range'],
    [wait({ days: 1, hours: 1 }), 'steps[0].wait: ambiguous'],
    [wait({ until: planned('x') }), 'steps[0].wait.timeout: missing'],
    [
      wait({ until: { type: 'segment', segment: 'no' }, timeout: { days: 1 }, onTimeout: 'stop' }),
      'steps[0].wait.until.segment: unknown_segment',
    ],
    [withFields({ title: 'x' }, { connector: 'none' }), 'steps[0].connector: unknown_value'],
    [withFields({ text: 'x' }, { kind: 'postMessage' }), 'steps[0].kind: unknown_value'],
    [withFields({}, { kind: 'trackEvent' }), 'steps[0].kind: unknown_value'],
    [withFields({}), 'steps[0].fields.title: missing'],
    [withFields({ title: 'x', owner: 'y' }), 'steps[0].fields.owner: unknown_key'],
    [withFields({ title: '' }), 'steps[0].fields.title: out_of_range'],
    [withFields({ title: 'a\0b' }), 'steps[0].fields.title: out_of_range'],
    [withFields({ title: 1 }), 'steps[0].fields.title: wrong_type'],
    [withFields({ title: '{{customer.password}}' }), 'steps[0].fields.title: unknown_value'],
    [withFields({ title: '{{customer.name' }), 'steps[0].fields.title: unknown_value'],
    [withFields({ title: 'x', dueAt: '2026-01-01' }), 'steps[0].fields.dueAt: wrong_type'],
    [
      withFields({ title: 'x', body: 'y', priority: 'now' }, { kind: 'createTicket' }),
      'steps[0].fields.priority: unknown_value',
    ],
    [withFields({ name: 'x' }, { kind: 'upsertPerson' }), 'steps[0].fields.name: unknown_key'],
    [{ ...ok, steps: [{ message: 'portal_link' }] }, 'steps[0].message: unknown_value'],
    [{ ...ok, steps: [{ message: 'welcome', channel: 'fax' }] }, 'steps[0].channel: unknown_value'],
    [{ ...ok, steps: [{ attribute: 'Tier', value: 1 }] }, 'steps[0].attribute: wrong_type'],
    [{ ...ok, steps: [{ attribute: 'tier', value: {} }] }, 'steps[0].value: wrong_type'],
  ])('is refused with the place of its problem: %j', async (definition, problem) => {
    for (const path of ['automations', 'automations/dry-run']) {
      const body = path === 'automations' ? { name: 'bad', definition } : { definition };
      const answer = await driver.service.admin(path, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'automation_invalid']);
      expect(answer.body.errors).toContainEqual(expect.stringContaining(problem));
    }
    expect((await driver.service.admin('automations')).body).toEqual([]);
  });

  it.each<[string, string, object | undefined, number, string]>([
    ['POST', 'automations', { name: 'runs', definition: ok }, 400, 'invalid_request'],
    ['POST', 'automations', { name: 'Upper', definition: ok }, 400, 'invalid_request'],
    ['POST', 'automations', { name: 'x', definition: [] }, 400, 'invalid_request'],
    ['POST', 'automations', { name: 'x' }, 400, 'automation_invalid'],
    ['POST', 'automations', { name: 'x', definition: ok, readyMade: 'goodbye' }, 400, 'automation_invalid'],
    ['POST', 'automations', { name: 'x', definition: ok, parameters: {} }, 400, 'automation_invalid'],
    ['POST', 'automations', { name: 'x', readyMade: 'none' }, 400, 'automation_invalid'],
    ['POST', 'automations', { name: 'x', readyMade: 'crm-contact' }, 400, 'automation_invalid'],
    [
      'POST',
      'automations',
      { name: 'x', readyMade: 'crm-contact', parameters: { connector: 1 } },
      400,
      'automation_invalid',
    ],
    [
      'POST',
      'automations',
      { name: 'x', readyMade: 'crm-contact', parameters: { connector: 'no' } },
      400,
      'automation_invalid',
    ],
    [
      'POST',
      'automations',
      { name: 'x', readyMade: 'crm-contact', parameters: { connector: 'suite', x: 1 } },
      400,
      'automation_invalid',
    ],
    [
      'POST',
      'automations',
      { name: 'x', readyMade: 'plan-ticket', parameters: { connector: 'suite', plans: [1] } },
      400,
      'automation_invalid',
    ],
    [
      'POST',
      'automations',
      { name: 'x', readyMade: 'plan-ticket', parameters: { connector: 'suite', plans: [] } },
      400,
      'automation_invalid',
    ],
    ['POST', 'automations/dry-run', { definition: ok, days: 91 }, 400, 'invalid_request'],
    ['POST', 'automations/dry-run', { days: 1 }, 400, 'automation_invalid'],
    ['POST', 'automations/dry-run', { name: 'none' }, 404, 'automation_not_found'],
    ['GET', 'automations/none', undefined, 404, 'automation_not_found'],
    ['GET', 'automations/none/versions', undefined, 404, 'automation_not_found'],
    ['GET', 'automations/none/runs', undefined, 404, 'automation_not_found'],
    ['GET', 'automations/none/runs?state=lost', undefined, 400, 'invalid_request'],
    ['PUT', 'automations/none', { definition: ok }, 404, 'automation_not_found'],
    ['GET', 'automations/%00', undefined, 400, 'invalid_request'],
    ['PUT', 'automations/none', {}, 400, 'invalid_request'],
    ['POST', 'automations/none/enable', {}, 404, 'automation_not_found'],
    ['POST', 'automations/none/disable', {}, 404, 'automation_not_found'],
    ['POST', 'automations/none/start', { stripeCustomerId: 'cus_1' }, 404, 'automation_not_found'],
    ['POST', 'automations/none/start', {}, 400, 'invalid_request'],
    ['GET', `automations/runs/${NO_ID}`, undefined, 404, 'run_not_found'],
    ['GET', 'automations/runs/x', undefined, 400, 'bad_request'],
    ['POST', `automations/runs/${NO_ID}/cancel`, {}, 404, 'run_not_found'],
    ['POST', `automations/runs/${NO_ID}/retry`, {}, 404, 'run_not_found'],
  ])('%s %s with %j answers %i %s', async (method, path, body, status, code) => {
    const answer = await driver.service.admin(path, body, method);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await driver.service.admin('automations')).body).toEqual([]);
  });

  it('is tried on the history first: it names the starts that follow from the same facts', async () => {
    const definition = {
      when: { type: 'stage', in: ['at_risk'] },
      if: planned('tried'),
      once: false,
      steps: [
        call,
        { wait: { days: 1 } },
        { message: 'welcome' },
        { attribute: 'tried', value: true },
        task('Tried {{attributes.tried}}'),
      ],
    };
    await driver.enable('tried', { definition });
    const [one, two, other] = [
      await ofPlan(driver, 'tried'),
      await ofPlan(driver, 'tried'),
      await ofPlan(driver, 'other'),
    ];
    for (const customer of [one, two, other]) {
      const change = await driver.subscribe(customer);
      await change({ cancel_at_period_end: true });
      if (customer === one) {
        await change({ cancel_at_period_end: false });
        await change({ cancel_at_period_end: true });
      }
    }
    const before = driver.suite.requests.length;
    const { status, body } = await driver.service.admin('automations/dry-run', { definition, days: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ starts: 3, customers: 2 });
    expect(body.first.map(({ stripeCustomerId }: { stripeCustomerId: string }) => stripeCustomerId)).toEqual([
      one.stripe.id,
      two.stripe.id,
    ]);
    expect(body.days.reduce((sum: number, { starts }: { starts: number }) => sum + starts, 0)).toBe(3);
    expect(body.limits).toEqual([expect.stringContaining('`if`')]);
    const [shown] = body.examples;
    expect(shown.actions).toMatchObject([
      {
        step: 0,
        outcome: 'request',
        content: { method: 'POST', body: { title: 'Call Ada Lovelace', person: one.id } },
      },
      {
        step: 2,
        outcome: 'message',
        content: { kind: 'welcome', subject: expect.stringContaining('MINGUS') },
      },
      { step: 3, outcome: 'attribute', content: { attribute: 'tried', value: true } },
      { step: 4, outcome: 'request', content: { body: { title: 'Tried true' } } },
    ]);
    expect(driver.suite.requests.length).toBe(before);

    await driver.settle();
    const runs = await driver.runsOf('tried');
    expect(runs.map(({ customerId }) => customerId).toSorted()).toEqual([one.id, one.id, two.id].toSorted());
    const byName = await driver.service.admin('automations/dry-run', { name: 'tried', days: 1 });
    expect(byName.body).toMatchObject({ starts: 3, customers: 2 });
    await driver.service.admin('automations/tried/disable', {});
  });

  it.each([
    [{ type: 'manual' }, 'Only operators'],
    [{ type: 'prediction', target: 'churns', crosses: 'below', value: 0.1 }, 'once a week'],
    [
      { type: 'milestone_overdue', milestone: 'activated', days: 1, sinceStage: 'trialing' },
      'have left the stage',
    ],
    [{ type: 'fact', fact: 'payment.failed' }, 'The outbox has facts'],
    [
      { type: 'fact', fact: 'subscription.changed', data: { status: 'paused', previousStatus: null } },
      'The outbox has facts',
    ],
    [{ type: 'fact', fact: 'revenue.moved', data: { kind: 'new' } }, null],
    [CREATED, null],
  ])('is tried with what the history does not show: %j', async (trigger, limit) => {
    const { status, body } = await driver.service.admin('automations/dry-run', {
      definition: { ...ok, when: trigger },
      days: 90,
    });
    expect(status).toBe(200);
    expect(body.limits).toEqual(limit === null ? [] : [expect.stringContaining(limit)]);
    expect(body.starts > 0).toBe(limit === null);
  });

  it('is ready-made for five purposes', async () => {
    const { body: offered } = await driver.service.admin('automations/ready-made');
    const parameters: Record<string, object> = {
      'crm-contact': { connector: 'suite' },
      'plan-ticket': { connector: 'suite', plans: ['gold', 'platinum'] },
      'activation-task': { connector: 'suite' },
      'at-risk': { marketing: 'suite', journey: 'stay', success: 'suite' },
      goodbye: { connector: 'suite' },
    };
    expect(offered.map(({ name }: { name: string }) => name)).toEqual(Object.keys(parameters));
    for (const [readyMade, given] of Object.entries(parameters))
      await driver.enable(`my-${readyMade}`, { readyMade, parameters: given });
    const [gold, tin] = [await ofPlan(driver, 'gold'), await ofPlan(driver, 'tin')];
    const late = await ofPlan(driver, 'tin');
    const change = await driver.subscribe(gold);
    await change({ cancel_at_period_end: true });
    await driver.settle();
    expect(driver.suite.actsFor(tin)).toEqual(['upsertPerson']);
    expect(driver.suite.actsFor(gold).toSorted()).toEqual([
      'createTask: Ada Lovelace is at risk',
      'createTicket: Welcome Ada Lovelace',
      'startJourney: stay',
      'upsertPerson',
    ]);
    await change({ status: 'canceled', ended_at: Math.floor(Date.now() / 1000) }, 'deleted');
    await driver.settle();
    await driver.later(3 * DAY);
    expect(driver.suite.actsFor(gold)).toContain('createTask: Close the account of Ada Lovelace');
    await driver.later(5 * DAY);
    await driver.service.database.rows(
      `update customer_lifecycles set milestones = milestones || jsonb_build_object('activated', $2::text)
       where customer_id = $1`,
      [late.id, new Date(Date.now() + 7.5 * DAY).toISOString()],
    );
    await driver.startDue();
    expect(await driver.statesOf('my-activation-task', late)).toEqual([]);
    for (const customer of [gold, tin])
      expect(driver.suite.actsFor(customer)).toContain('createTask: Help Ada Lovelace to get started');
    await driver.service.admin('connectors/suite/disable', {});
    const removed = await driver.service.admin('connectors/suite', undefined, 'DELETE');
    expect([removed.status, removed.body.code]).toEqual([409, 'connector_in_use']);
    const { body: entries } = await driver.service.admin('audit-entries?limit=100&action=automation.enabled');
    expect(entries.items).toHaveLength(6);
  });
});

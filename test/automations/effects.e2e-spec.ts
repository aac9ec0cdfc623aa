import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/process/command-line.js';
import { request, testEnvironment } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';
import { AutomationDriver, CREATED, HOUR, ofPlan, planned, task, UPDATED } from './automation-driver.js';

describe('a step of an automation', () => {
  let driver: AutomationDriver;

  beforeAll(async () => {
    driver = await AutomationDriver.start();
  });
  afterAll(() => driver.stop());
  afterEach(() => driver.disableAll());

  const rows = <T extends object>(sql: string, values: unknown[] = []) =>
    driver.service.database.rows<T>(sql, values);

  it('that cannot be taken fails visibly, and holds up no other run', async () => {
    const { service } = driver;
    const rule = { type: 'bucket', unit: 'customer', seed: 's', from: 0, to: 1 };
    await driver.enable('broken-step', { definition: { when: CREATED, steps: [task('retried')] } });
    await driver.enable('broken-rule', { definition: { when: CREATED, if: rule, steps: [task('never')] } });
    await driver.enable('sound', { definition: { when: CREATED, steps: [task('sound')] } });
    const damage = (name: string, path: string, value: object) =>
      rows(
        'update automation_versions set definition = jsonb_set(definition, $2::text[], $3) where automation = $1',
        [name, path, JSON.stringify(value)],
      );
    await damage('broken-step', '{steps,0,fields,dueAt}', { days: 1e12 });
    await damage('broken-rule', '{if}', { type: 'segment', segment: 'gone' });
    const customer = await driver.connectors.onboard();
    for (let attempt = 1; attempt <= 5; attempt += 1) await driver.later(HOUR);
    expect(await driver.statesOf('broken-step')).toEqual(['running']);
    await rows(`update automation_runs set attempts = 16 where automation = 'broken-step'`);
    await driver.later(9 * HOUR);
    expect(await driver.statesOf('broken-step')).toEqual(['failed: internal_error']);
    expect(await driver.statesOf('broken-rule')).toEqual(['failed: rule_broken']);
    expect(driver.suite.actsFor(customer)).toEqual(['createTask: sound']);
    await damage('broken-step', '{steps,0,fields,dueAt}', { days: 1 });
    const retry = async (name: string) => {
      const [run] = await driver.runsOf(name);
      return (await service.admin(`automations/runs/${run?.id}/retry`, {})).body;
    };
    expect((await service.admin('automations/broken-rule')).body.runs).toEqual({
      running: 0,
      waiting: 0,
      failed: 1,
    });
    const { body: metrics } = await request(`${service.url}/metrics`, {});
    expect(metrics).toMatch(/^automation_failures 2$/m);
    const { stdout } = await runCommand(['doctor'], testEnvironment(service.database.url, service.smtp.port));
    expect(stdout).toContain('The rule if of the automation broken-rule cannot be evaluated');
    const definition = { when: CREATED, if: rule, steps: [task('at last')] };
    expect((await service.admin('automations/broken-rule', { definition }, 'PUT')).status).toBe(200);
    const { status } = await service.admin('automations/broken-rule/start', {
      stripeCustomerId: customer.stripe.id,
    });
    expect(status).toBe(201);
    await driver.settle();
    expect(await driver.statesOf('broken-rule')).toEqual(['failed: rule_broken', 'done']);
    expect(await retry('broken-step')).toMatchObject({ state: 'running', reason: null });
    await driver.settle();
    expect(await driver.statesOf('broken-step')).toEqual(['done']);
    expect(driver.suite.actsFor(customer)).toContain('createTask: retried');
    expect([await retry('broken-step'), await retry('broken-rule')]).toMatchObject([
      { code: 'run_not_retryable' },
      { code: 'run_not_retryable' },
    ]);
  });

  it('queues a message, which the customer can refuse', async () => {
    const steps = [{ message: 'onboarding_guide' }, { message: 'onboarding_guide', channel: 'in_app' }];
    await driver.enable('guiding', { definition: { when: UPDATED, steps } });
    const customer = await driver.connectors.onboard();
    await rows(
      `update customer_preferences set notifications = jsonb_set(notifications, '{onboarding_guide}', '{"email": false, "in_app": true}') where customer_id = $1`,
      [customer.id],
    );
    await driver.connectors.update(customer, { name: 'Grace' });
    await driver.settle();
    const [run] = await driver.runsOf('guiding');
    expect(run).toMatchObject({ state: 'done', steps: [{ kind: 'message' }, { kind: 'message' }] });
    const ids = run?.steps.map(({ effectId }) => effectId);
    const ended = await waitFor('the messages to end', async () => {
      const found = await rows(
        `select status, reason from notifications where id = any($1) and status <> 'queued' order by channel`,
        [ids],
      );
      return found.length === 2 ? found : null;
    });
    expect(ended).toEqual([
      { status: 'suppressed', reason: 'preferences' },
      { status: 'sent', reason: null },
    ]);
  });

  it('that is queued for a customer who is deleted before it is delivered is not taken', async () => {
    const steps = [task('Call {{customer.name}}'), { connector: 'suite', kind: 'upsertPerson' }];
    await driver.enable('overtaken', { definition: { when: CREATED, steps } });
    await driver.service.admin('connectors/suite/disable', {});
    const customer = await driver.connectors.onboard();
    await driver.settle();
    expect(await driver.statesOf('overtaken', customer)).toEqual(['done']);
    await driver.delete(customer);
    await driver.service.admin('connectors/suite/enable', {});
    await driver.settle();
    expect(driver.suite.actsFor(customer)).toEqual(['upsertPerson']);
    const [queued] = await driver.connectors.deliveriesOf(customer);
    expect(queued).toMatchObject({ kind: 'createTask', status: 'cancelled', reason: 'customer_deleted' });
  });

  it('of a run that is started by hand is refused with the reason that is true', async () => {
    const definition = { when: { type: 'manual' }, if: planned('gold'), steps: [task('gold')] };
    await driver.enable('by-hand', { definition });
    const customer = await ofPlan(driver, 'gold');
    const start = async () =>
      (await driver.service.admin('automations/by-hand/start', { stripeCustomerId: customer.stripe.id })).body
        .code;
    expect([await start(), await start()]).toEqual([undefined, 'run_exists']);
    await driver.changePlan(customer, 'tin');
    expect(await start()).toBe('customer_not_eligible');
    const always = { definition: { ...definition, once: false } };
    expect((await driver.service.admin('automations/by-hand', always, 'PUT')).status).toBe(200);
    expect(await start()).toBe('customer_not_eligible');
    await driver.changePlan(customer, 'gold');
    expect(await start()).toBeUndefined();
  });
});

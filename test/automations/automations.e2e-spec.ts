import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OutboxSwitch } from '../../src/integrations/outbox/outbox-switch.service.js';
import { waitFor } from '../support/wait-for.js';
import { AutomationDriver, CREATED, DAY, HOUR, ofPlan, planned, task, UPDATED } from './automation-driver.js';

describe('an automation', () => {
  let driver: AutomationDriver;

  beforeAll(async () => {
    driver = await AutomationDriver.start();
  });
  afterAll(() => driver.stop());
  afterEach(() => driver.disableAll());

  const rows = <T extends object>(sql: string, values: unknown[] = []) =>
    driver.service.database.rows<T>(sql, values);

  it('costs nothing while none is enabled', async () => {
    const consumers = driver.service.app.get(OutboxSwitch);
    expect(consumers.current.has('automations')).toBe(false);
    await driver.enable('first', { definition: { when: CREATED, steps: [task('first')] } });
    expect(consumers.current.has('automations')).toBe(true);
  });

  it('reads no facts of the time in which none was enabled', async () => {
    await driver.enable('paused', { definition: { when: CREATED, steps: [task('paused')] } });
    await driver.service.admin('automations/paused/disable', {});
    const missed = await driver.connectors.onboard();
    await waitFor('older transactions of the cluster to end', async () => {
      const open = await rows(
        `select from outbox
         where type = 'customer.created' and txid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint`,
      );
      return open.length === 0 || null;
    });
    await driver.service.admin('automations/paused/enable', {});
    const unread = await rows(
      `select from outbox join outbox_positions position using (partition)
       where consumer = 'automations' and outbox.customer_id = $1 and type = 'customer.created'
         and outbox.txid >= position.txid`,
      [missed.id],
    );
    expect(unread).toEqual([]);
    const customer = await driver.connectors.onboard();
    await driver.settle();
    expect([missed, customer].map((one) => driver.suite.actsFor(one))).toEqual([[], ['createTask: paused']]);
  });

  it('starts by a fact if its rule is true, acts, waits, and acts again', async () => {
    const steps = [
      {
        connector: 'suite',
        kind: 'createTicket',
        fields: { title: 'Welcome {{customer.name}}', body: '{{attributes.tier}}' },
      },
      { wait: { days: 1 } },
      { attribute: 'tier', value: 2 },
      { connector: 'suite', kind: 'upsertPerson' },
      {
        connector: 'suite',
        kind: 'createTask',
        fields: { title: 'Tier {{ attributes.tier }}', dueAt: { days: 2 } },
      },
    ];
    await driver.enable('welcome', { definition: { when: CREATED, if: planned('gold'), steps } });
    const [gold, tin] = [await ofPlan(driver, 'gold'), await ofPlan(driver, 'tin')];
    await driver.settle();
    expect(await driver.statesOf('welcome', gold)).toEqual(['waiting']);
    expect(driver.suite.actsFor(gold)).toEqual(['createTicket: Welcome Ada Lovelace']);
    const [stored] = await rows<{ content: object }>(
      'select content from deliveries where customer_id = $1',
      [gold.id],
    );
    expect(stored?.content).toEqual({ title: 'Welcome {{customer.name}}', body: '{{attributes.tier}}' });

    await driver.later(DAY - HOUR);
    expect(driver.suite.actsFor(gold)).toHaveLength(1);
    await driver.later(HOUR);
    expect(driver.suite.actsFor(gold).slice(1)).toEqual(['upsertPerson', 'createTask: Tier 2']);
    const due = new Date(driver.suite.requests.at(-1)?.body.dueAt).getTime();
    expect(Math.abs(due - Date.now() - 3 * DAY)).toBeLessThan(HOUR);
    const [run] = await driver.runsOf('welcome', gold);
    expect(run).toMatchObject({ state: 'done', version: 1, customerId: gold.id });
    expect(run?.steps.map(({ outcome }) => outcome)).toEqual(['queued', 'waited', 'set', 'queued', 'queued']);
    const deliveries = await driver.connectors.deliveriesOf(gold);
    expect(run?.steps.flatMap(({ effectId }) => effectId ?? [])).toEqual(deliveries.map(({ id }) => id));
    expect(await driver.statesOf('welcome', tin)).toEqual([]);
    const { body } = await driver.service.admin(`customers/${gold.stripe.id}/timeline`);
    expect(body.items).toContainEqual(expect.objectContaining({ type: 'automation', what: 'welcome' }));
  });

  it('waits until a rule is true, and goes on or stops after a time-out', async () => {
    const until = (onTimeout: string) => ({
      wait: { until: planned('paid'), timeout: { days: 3 }, onTimeout },
    });
    await driver.enable('go-on', { definition: { when: CREATED, steps: [until('continue'), task('on')] } });
    await driver.enable('give-up', { definition: { when: CREATED, steps: [until('stop'), task('up')] } });
    const [late, never] = [await ofPlan(driver, 'free'), await ofPlan(driver, 'free')];
    await driver.settle();
    expect(await driver.statesOf('go-on')).toEqual(['waiting', 'waiting']);
    await driver.changePlan(late, 'paid');
    await driver.settle();
    expect(driver.suite.actsFor(late).toSorted()).toEqual(['createTask: on', 'createTask: up']);
    await driver.later(3 * DAY);
    expect(driver.suite.actsFor(never)).toEqual(['createTask: on']);
    for (const [customer, state, outcome] of [
      [late, 'done', 'came_true'],
      [never, 'stopped: timed_out', 'timed_out'],
    ] as const) {
      expect(await driver.statesOf('give-up', customer)).toEqual([state]);
      const [run] = await driver.runsOf('go-on', customer);
      expect(run).toMatchObject({ state: 'done', steps: [{ outcome }, { outcome: 'queued' }] });
    }
  });

  it('stops when its customer leaves, is deleted or is erased, and when an operator cancels', async () => {
    const steps = [{ wait: { days: 1 } }, task('too late')];
    await driver.enable('leaving', { definition: { when: CREATED, stopIf: planned('left'), steps } });
    const [left, deleted, erased, cancelled] = await driver.connectors.onboardSome(4);
    await driver.settle();
    if (!left || !deleted || !erased || !cancelled) throw new Error('A customer is missing');
    await driver.changePlan(left, 'left');
    await driver.delete(deleted);
    await driver.service.admin(`customers/${erased.stripe.id}/erase`, { confirm: erased.stripe.id });
    const [run] = await driver.runsOf('leaving', cancelled);
    expect((await driver.service.admin(`automations/runs/${run?.id}/cancel`, {})).status).toBe(200);
    expect((await driver.service.admin(`automations/runs/${run?.id}/cancel`, {})).body.code).toBe(
      'run_ended',
    );
    await driver.later(DAY);
    for (const [customer, reason] of [
      [left, 'stop_if'],
      [deleted, 'customer_deleted'],
      [erased, 'person_erased'],
      [cancelled, 'operator'],
    ] as const) {
      expect(await driver.statesOf('leaving', customer)).toEqual([`stopped: ${reason}`]);
      expect(driver.suite.actsFor(customer)).toEqual([]);
    }
  });

  it('keeps nothing about an erased person but ids, and starts nothing again', async () => {
    const steps = [{ attribute: 'tier', value: 'gold' }, task('For {{customer.name}}')];
    await driver.enable('erasable', { definition: { when: CREATED, once: false, steps } });
    const customer = await driver.connectors.onboard({ name: 'Secret Person' });
    await driver.settle();
    const { body } = await driver.service.admin(`customers/${customer.stripe.id}/export`);
    expect(body.tables).toMatchObject({
      automation_runs: [{ automation: 'erasable' }],
      automation_steps: [{ outcome: 'set' }, { outcome: 'queued' }],
      customer_attributes: [{ key: 'tier', value: 'gold' }],
    });
    await driver.service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    expect(await driver.runsOf('erasable', customer)).toMatchObject([{ state: 'done', steps: [] }]);
    expect(await driver.service.database.count('customer_attributes')).toBe(
      await driver.service.database.count('customer_attributes', `customer_id <> '${customer.id}'`),
    );
    await driver.service.database.rows('update outbox_positions set txid = 0');
    await driver.settle();
    expect(await driver.runsOf('erasable', customer)).toHaveLength(1);
    expect(await driver.service.database.dump()).not.toContain('Secret');
  });

  it('takes a customer once or each time, and no fact starts two runs', async () => {
    await driver.enable('once', { definition: { when: UPDATED, steps: [task('once')] } });
    await driver.enable('always', { definition: { when: UPDATED, once: false, steps: [task('always')] } });
    const customer = await driver.connectors.onboard();
    await driver.connectors.update(customer, { name: 'One' });
    await driver.connectors.update(customer, { name: 'Two' });
    await driver.settle();
    await driver.service.database.rows('update outbox_positions set txid = 0');
    await driver.settle();
    await driver.connectors.update(customer, { name: 'Three' });
    await driver.settle();
    expect(await driver.statesOf('once')).toEqual(['done']);
    expect(await driver.statesOf('always')).toEqual(['done', 'done', 'done']);
    expect(driver.suite.actsFor(customer).toSorted()).toEqual([
      ...Array(3).fill('createTask: always'),
      'createTask: once',
    ]);
  });

  it('takes customers of an import only if it includes them', async () => {
    await driver.enable('living', { definition: { when: CREATED, steps: [task('living')] } });
    await driver.enable('all', {
      definition: { when: CREATED, includeImported: true, steps: [task('all')] },
    });
    const customer = await driver.connectors.onboard();
    await rows(
      `update webhook_events set reconciliation_id = gen_random_uuid(), notify = false where customer_id = $1`,
      [customer.id],
    );
    await driver.settle();
    expect(driver.suite.actsFor(customer)).toEqual(['createTask: all']);
  });

  it('lets runs keep their version, and pauses them while it is disabled', async () => {
    const definition = (title: string) => ({ when: CREATED, steps: [{ wait: { hours: 1 } }, task(title)] });
    await driver.enable('versioned', { definition: definition('first') });
    const before = await driver.connectors.onboard();
    await driver.settle();
    const path = 'automations/versioned';
    const edit = async (title: string) =>
      (await driver.service.admin(path, { definition: definition(title) }, 'PUT')).body.version;
    expect([await edit('first'), await edit('second')]).toEqual([1, 2]);
    const after = await driver.connectors.onboard();
    await driver.settle();
    await driver.service.admin(`${path}/disable`, {});
    await driver.later(2 * HOUR);
    expect([...driver.suite.actsFor(before), ...driver.suite.actsFor(after)]).toEqual([]);
    await driver.service.admin(`${path}/enable`, {});
    await driver.settle();
    expect([before, after].map((one) => driver.suite.actsFor(one))).toEqual([
      ['createTask: first'],
      ['createTask: second'],
    ]);
    expect((await driver.service.admin(`${path}/versions`)).body).toMatchObject([
      { version: 2 },
      { version: 1 },
    ]);
  });

  it('starts by stages, segments, an operator, overdue milestones and scores', async () => {
    const { service } = driver;
    await service.admin('segments', { name: 'vips', rule: planned('vip') });
    await waitFor('the segment to serve', async () => {
      await rows(
        `select graphile_worker.reschedule_jobs(array_agg(id), run_at := now()) from graphile_worker.jobs`,
      );
      return (await service.admin('segments/vips')).body.versions?.[0]?.status === 'serving';
    });
    const triggers = {
      staged: { type: 'stage', in: ['at_risk', 'paused'] },
      entering: { type: 'segment', segment: 'vips', change: 'entered' },
      leaving2: { type: 'segment', segment: 'vips', change: 'left' },
      overdue: { type: 'milestone_overdue', milestone: 'activated', days: 7 },
      scored: { type: 'prediction', target: 'churns', crosses: 'above', value: 0.7 },
      manual: { type: 'manual' },
    };
    for (const [name, when] of Object.entries(triggers))
      await driver.enable(name, { definition: { when, steps: [task(name)] } });
    const customer = await ofPlan(driver, 'vip');
    const change = await driver.subscribe(customer);
    await change({ cancel_at_period_end: true });
    await driver.settle();
    expect(driver.suite.actsFor(customer).toSorted()).toEqual(['createTask: entering', 'createTask: staged']);
    expect((await service.admin('segments/vips', undefined, 'DELETE')).body).toMatchObject({
      code: 'segment_in_use',
      errors: ['automation: entering', 'automation: leaving2'],
    });

    await driver.changePlan(customer, 'none');
    const score = async (value: number) => {
      await driver.score(customer, value);
      await driver.startDue();
    };
    await score(0.6);
    expect(await driver.statesOf('scored')).toEqual([]);
    await score(0.8);
    await score(0.9);
    expect(
      (await service.admin('automations/manual/start', { stripeCustomerId: customer.stripe.id })).status,
    ).toBe(201);
    const again = await service.admin('automations/manual/start', { stripeCustomerId: customer.stripe.id });
    expect([again.status, again.body.code]).toEqual([409, 'run_exists']);
    await driver.later(7 * DAY + HOUR);
    await driver.startDue();
    await driver.startDue();
    for (const name of Object.keys(triggers))
      expect([name, await driver.statesOf(name, customer)]).toEqual([name, ['done']]);
  });

  it('is tried only on what can be read in a short time', async () => {
    await rows(
      `insert into outbox (id, customer_id, sequence, partition, txid, type, data, occurred_at, recorded_at)
       select gen_random_uuid(), gen_random_uuid(), 1, 0, 0, 'message.sent', '{}', now(), now()
       from generate_series(1, 100001)`,
    );
    const { status, body } = await driver.service.admin('automations/dry-run', {
      definition: { when: { type: 'fact', fact: 'message.sent' }, steps: [task('sent')] },
    });
    await rows('delete from outbox where txid = 0');
    expect([status, body.code]).toEqual([422, 'question_too_large']);
  });
});

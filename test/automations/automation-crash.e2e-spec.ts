import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FaultPoint } from '../../chaos/faults/fault-point.js';
import { Trap } from '../../chaos/faults/trap.js';
import { DatabaseProxy } from '../../chaos/wires/database-proxy.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { AutomationDriver } from './automation-driver.js';

const STEPS = [
  { connector: 'suite', kind: 'createTask', fields: { title: 'first' } },
  { connector: 'suite', kind: 'createTask', fields: { title: 'second' } },
];

describe('a worker that is killed within a step', () => {
  let driver: AutomationDriver;

  beforeAll(async () => {
    driver = await AutomationDriver.start();
    await driver.enable('crash', { definition: { when: { type: 'manual' }, once: false, steps: STEPS } });
  });
  afterAll(() => driver.stop());

  /** Starts a worker whose connections to the database can be held at a point. */
  async function startWorker(trap: Trap): Promise<{ worker: ServiceProcess; proxy: DatabaseProxy }> {
    const { database, smtp } = driver.service;
    const url = new URL(database.url);
    const proxy = await DatabaseProxy.start(Number(url.port), trap, () => undefined);
    url.port = String(proxy.port);
    const worker = await ServiceProcess.start(
      productionEnvironment(url.href, smtp.port, { PROCESS_ROLES: 'worker' }),
    );
    onTestFinished(() => void worker.child.kill('SIGKILL'));
    return { worker, proxy };
  }

  it.each<FaultPoint>([
    { step: 'insert automation_steps', moment: 'after' },
    { step: 'update automation_runs', moment: 'after' },
  ])('loses no effect and doubles none: $moment $step', { timeout: 120_000 }, async (point) => {
    const trap = new Trap();
    const { worker, proxy } = await startWorker(trap);
    const customer = await driver.connectors.onboard();
    const caught = trap.set(point);
    const { stripe } = customer;
    expect(
      (await driver.service.admin('automations/crash/start', { stripeCustomerId: stripe.id })).status,
    ).toBe(201);
    await caught;
    await worker.end('SIGKILL');
    await proxy.stop();
    expect(await driver.runsOf('crash', customer)).toMatchObject([{ state: 'running', steps: [] }]);
    expect(await driver.connectors.deliveriesOf(customer)).toEqual([]);

    await driver.settle();
    expect(await driver.runsOf('crash', customer)).toMatchObject([{ state: 'done' }]);
    expect(driver.suite.actsFor(customer)).toEqual(['createTask: first', 'createTask: second']);
  });
});

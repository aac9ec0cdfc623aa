import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StartDueAutomationsJob } from '../../src/automations/starting/start-due-automations.job.js';
import type { TestCustomer } from '../support/connectors/connector-driver.js';
import { AutomationDriver, HOUR, task } from './automation-driver.js';

const OVERDUE = { type: 'milestone_overdue', milestone: 'activated', days: 7 };
const steps = [task('Help')];

describe('what an hourly look starts', () => {
  let driver: AutomationDriver;

  beforeAll(async () => {
    driver = await AutomationDriver.start();
  });
  afterAll(() => driver.stop());
  afterEach(() => driver.disableAll());

  const rows = <T extends object>(sql: string, values: unknown[] = []) =>
    driver.service.database.rows<T>(sql, values);

  /** Stripe created the customer so many days ago, and this service knows it for so many days. */
  const age = ({ id }: TestCustomer, inStripe: number, known: number) =>
    rows(
      `update customers set stripe_created_at = now() - $2::int * interval '1 day',
         created_at = now() - $3::int * interval '1 day' where id = $1`,
      [id, inStripe, known],
    );

  it('begins with the edit that asks for it', async () => {
    await driver.enable('edited', { definition: { when: { type: 'manual' }, steps } });
    await rows(
      `update automations set enabled_at = now() - interval '30 days', overdue_until = now() - interval '30 days'
       where name = 'edited'`,
    );
    const customer = await driver.connectors.onboard();
    await age(customer, 20, 20);
    const definition = { when: OVERDUE, steps };
    expect((await driver.service.admin('automations/edited', { definition }, 'PUT')).status).toBe(200);
    await driver.startDue();
    expect(await driver.statesOf('edited')).toEqual([]);
  });

  it('does not depend on the look of another automation', async () => {
    for (const name of ['broken', 'sound'])
      await driver.enable(name, { definition: { when: OVERDUE, steps } });
    await rows(`update automations set overdue_until = now() - interval '30 days'`);
    await rows(
      `update automation_versions set definition = jsonb_set(definition, '{when,days}', '"x"') where automation = 'broken'`,
    );
    const customer = await driver.connectors.onboard();
    await age(customer, 20, 20);
    await expect(driver.service.app.get(StartDueAutomationsJob).run()).rejects.toThrow(
      'invalid input syntax',
    );
    await driver.settle();
    expect(await driver.statesOf('sound', customer)).toEqual(['done']);
  });

  it('is each crossing of a value, but not a score that was beyond it before', async () => {
    const when = { type: 'prediction', target: 'churns', crosses: 'above', value: 0.5 };
    // The third one has no score.
    const [before, fresh] = await driver.connectors.onboardSome(3);
    if (!before || !fresh) throw new Error('A customer is missing');
    await driver.score(before, 0.9);
    await driver.enable('crossing', { definition: { when, once: false, steps } });
    for (const [customer, value] of [
      [fresh, 0.9],
      [before, 0.1],
      [before, 0.9],
    ] as const) {
      await driver.score(customer, value);
      await driver.startDue();
    }
    const started = (await driver.runsOf('crossing')).map(({ customerId }) => customerId);
    expect(started).toEqual([fresh.id, before.id]);
  });

  it('includes customers and stages that become known only when they are overdue already', async () => {
    const sinceStage = { ...OVERDUE, sinceStage: 'onboarding' };
    for (const [name, when] of Object.entries({ created: OVERDUE, entered: sinceStage }))
      await driver.enable(name, { definition: { when, steps } });
    await rows(`update automations set overdue_until = now() - interval '1 day'`);
    const [known, late] = await driver.connectors.onboardSome(2);
    if (!known || !late) throw new Error('A customer is missing');
    await age(known, 20, 20);
    await age(late, 20, 0);
    await rows(`update customer_lifecycles set stage_entered_at = now() - interval '20 days'`);
    await rows(
      `update customer_lifecycles set stage_recorded_at = now() - interval '20 days' where customer_id = $1`,
      [known.id],
    );
    await driver.later(HOUR);
    for (let look = 1; look <= 2; look += 1) await driver.startDue();
    for (const name of ['created', 'entered']) {
      expect(await driver.statesOf(name, known)).toEqual([]);
      expect(await driver.statesOf(name, late)).toEqual(['done']);
    }
  });
});

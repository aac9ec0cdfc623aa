import { expect } from 'vitest';
import { AutomationLanes } from '../../src/automations/running/automation-lanes.service.js';
import { StartDueAutomationsJob } from '../../src/automations/starting/start-due-automations.job.js';
import { SegmentUpkeep } from '../../src/segments/upkeep/segment-upkeep.service.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import type { Fields } from '../support/builders.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import { TestApp } from '../support/test-app.js';
import { FakeSuite, SuiteConnector } from './suite.connector.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A run as the API shows it. */
export interface Run {
  id: string;
  state: string;
  reason: string | null;
  version: number;
  customerId: string;
  steps: { step: number; kind: string; outcome: string; effectId: string | null }[];
}

/** The service with a connector `suite`, automations as an operator uses them, and a clock that can be moved. */
export class AutomationDriver {
  readonly connectors: ConnectorDriver;
  private hours = 1;

  private constructor(
    readonly service: TestApp,
    readonly suite: FakeSuite,
    private readonly clock: { ahead: number },
  ) {
    this.connectors = new ConnectorDriver(service);
  }

  static async start(): Promise<AutomationDriver> {
    const clock = { ahead: 0 };
    const suite = await new FakeSuite().start();
    const service = await TestApp.start({
      env: LOCAL_SYSTEMS,
      extra: { providers: [SuiteConnector] },
      now: () => new Date(Date.now() + clock.ahead),
      jobs: true,
    });
    const driver = new AutomationDriver(service, suite, clock);
    const settings = { baseUrl: suite.url };
    await driver.connectors.connect({ name: 'suite', system: 'suite', settings, sendsPeople: false });
    return driver;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.suite.stop();
  }

  /** Creates an automation and enables it. */
  async enable(
    name: string,
    body: { definition: object } | { readyMade: string; parameters: object },
  ): Promise<void> {
    const created = await this.service.admin('automations', { name, ...body });
    expect([created.status, created.body.errors]).toEqual([201, undefined]);
    expect(created.body).toMatchObject({ name, enabled: false, version: 1 });
    expect((await this.service.admin(`automations/${name}/enable`, {})).status).toBe(200);
  }

  async disableAll(): Promise<void> {
    for (const { name } of (await this.service.admin('automations')).body)
      await this.service.admin(`automations/${name}/disable`, {});
    this.clock.ahead = 0;
  }

  /** Relays facts, advances runs, and delivers what they queued. */
  async settle(): Promise<void> {
    const { app } = this.service;
    await app.get(SegmentUpkeep).run();
    await this.connectors.settle();
    await app.get(AutomationLanes).run();
    await this.connectors.settle();
  }

  /** Lets time pass. */
  async later(ms: number): Promise<void> {
    this.clock.ahead += ms;
    await this.settle();
  }

  /** Runs the hourly job. */
  async startDue(): Promise<void> {
    await this.service.app.get(StartDueAutomationsJob).run();
    await this.settle();
  }

  /** The runs of an automation, oldest first, with their steps. */
  async runsOf(name: string, customer?: TestCustomer): Promise<Run[]> {
    const query = customer ? `&stripeCustomerId=${customer.stripe.id}` : '';
    const { body } = await this.service.admin(`automations/${name}/runs?limit=100${query}`);
    const runs: Run[] = [];
    for (const { id } of body.items.toReversed())
      runs.push((await this.service.admin(`automations/runs/${id}`)).body);
    return runs;
  }

  /** The state of the runs, with the reason where there is one. */
  async statesOf(name: string, customer?: TestCustomer): Promise<string[]> {
    const runs = await this.runsOf(name, customer);
    return runs.map(({ state, reason }) => [state, reason].filter(Boolean).join(': '));
  }

  /** Gives a customer a paid subscription. @returns changes it later */
  async subscribe({ stripe }: TestCustomer): Promise<(changes: Fields, type?: string) => Promise<void>> {
    const subscription = aSubscription(stripe.id);
    await this.service.deliver(anEventOf('invoice.paid', anInvoice(stripe.id), hour(this.hours++)));
    const change = async (changes: Fields, type = 'updated') => {
      Object.assign(subscription, changes);
      const event = anEventOf(`customer.subscription.${type}`, { ...subscription }, hour(this.hours++));
      expect((await this.service.deliver(event)).body).toMatchObject({ success: true });
    };
    await change({}, 'created');
    return change;
  }

  /** Gives a customer another plan. */
  async changePlan(customer: TestCustomer, plan: string): Promise<void> {
    const metadata = { ...(customer.stripe.metadata as object), plan };
    await this.connectors.update(customer, { metadata });
  }

  /** Stores a score, as a scoring does. */
  async score({ id }: TestCustomer, value: number): Promise<void> {
    await this.service.database.rows(
      `insert into customer_predictions (customer_id, target, score, model_id, scored_at, is_held_out)
       values ($1, 'churns', $2, gen_random_uuid(), now(), false)
       on conflict (customer_id, target) do update set score = excluded.score`,
      [id, value],
    );
  }

  async delete({ stripe }: TestCustomer): Promise<void> {
    const seconds = Math.floor(Date.now() / 1000) + this.hours++;
    const event = anEventOf('customer.deleted', { ...stripe, deleted: true }, seconds);
    expect((await this.service.deliver(event)).body).toMatchObject({ success: true });
  }
}

export const CREATED = { type: 'fact', fact: 'customer.created' };
export const UPDATED = { type: 'fact', fact: 'customer.updated' };

/** A step that creates a task. */
export const task = (title: string) => ({ connector: 'suite', kind: 'createTask', fields: { title } });

/** A rule by which a test looks at its own customers. */
export const planned = (plan: string) => ({ type: 'metadata', key: 'plan', equals: plan });

/** What a customer of that plan brings along. */
export async function ofPlan(driver: AutomationDriver, plan: string): Promise<TestCustomer> {
  const { metadata } = await driver.service.createUser();
  return driver.connectors.onboard({ metadata: { ...metadata, plan } });
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

describe('questions about stages', () => {
  let service: TestApp;
  /** Active from hour 1 to 5, churned since, in the order of their creation. */
  const ids: string[] = [];

  beforeAll(async () => {
    service = await TestApp.start();
    for (let index = 0; index < 3; index += 1) {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, created: hour(0) });
      const subscription = aSubscription(customer.id);
      const ended = { ...subscription, status: 'canceled', ended_at: hour(5) };
      await service.deliver(anEvent(customer));
      await service.deliver(anEventOf('invoice.paid', anInvoice(customer.id), hour(1)));
      await service.deliver(anEventOf('customer.subscription.created', subscription, hour(1)));
      if (index < 2) await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(5)));
      ids.push(customer.id);
    }
  });
  afterAll(() => service.stop());

  const stageOf = async (id: string | undefined, query = '') =>
    (await service.admin(`lifecycle/customers/${id}?${query}`)).body;

  it('know the stage of a customer at any time, with its cause', async () => {
    expect(await stageOf(ids[0], `at=${at(-1)}`)).toMatchObject({ stage: null, since: null, trigger: null });
    expect(await stageOf(ids[0], `at=${at(0)}`)).toMatchObject({
      stage: 'onboarding',
      trigger: 'customer_created',
    });
    expect(await stageOf(ids[0], `at=${at(4)}`)).toMatchObject({
      stripeCustomerId: ids[0],
      at: at(4),
      stage: 'active',
      since: at(1),
      trigger: 'subscription_changed',
      stripeEventId: expect.stringMatching(/^evt_/),
    });
    expect(await stageOf(ids[0], `at=${at(5)}`)).toMatchObject({ stage: 'churned', since: at(5) });
    expect(await stageOf(ids[0])).toMatchObject({ stage: 'churned' });
    expect(await stageOf(ids[2])).toMatchObject({ stage: 'active' });
  });

  it('know what was known at a time', async () => {
    expect(await stageOf(ids[0], `knownAt=${at(4)}`)).toMatchObject({ stage: null });
    expect(await stageOf(ids[0], `at=${at(4)}&knownAt=${new Date().toISOString()}`)).toMatchObject({
      stage: 'active',
    });
  });

  it('count the flow between stages in a period', async () => {
    const { body } = await service.admin(`lifecycle/flow?from=${at(0)}&to=${at(5)}`);
    expect(body).toMatchObject({ from: at(0), to: at(5), definition: expect.any(String) });
    expect(body.flows).toEqual([
      { fromStage: null, toStage: 'onboarding', transitions: 3, customers: 3 },
      { fromStage: 'onboarding', toStage: 'active', transitions: 3, customers: 3 },
    ]);
    expect((await service.admin(`lifecycle/flow?from=${at(5)}&to=${at(6)}`)).body.flows).toEqual([
      { fromStage: 'active', toStage: 'churned', transitions: 2, customers: 2 },
    ]);
  });

  it('list the customers of a stage by pages', async () => {
    const first = (await service.admin('lifecycle/customers?stage=churned&limit=1')).body;
    expect(first.items).toMatchObject([
      { stripeCustomerId: ids[1], stage: 'churned', stageEnteredAt: at(5), risks: [] },
    ]);
    const rest = await service.admin(`lifecycle/customers?stage=churned&limit=1&cursor=${first.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ stripeCustomerId: ids[0] }], nextCursor: null });
    expect((await service.admin('lifecycle/customers?stage=paused')).body.items).toEqual([]);
  });

  it.each([
    ['lifecycle/customers', 400, 'invalid_request'],
    ['lifecycle/customers?stage=happy', 400, 'invalid_request'],
    ['lifecycle/customers?stage=active&stage=paused', 400, 'invalid_request'],
    ['lifecycle/customers?stage=active&limit=101', 400, 'invalid_request'],
    ['lifecycle/customers?stage=active&cursor=1', 400, 'invalid_request'],
    ['lifecycle/customers/cus_unknown', 404, 'customer_not_found'],
    ['lifecycle/customers/cus_unknown?at=never', 400, 'invalid_request'],
    ['lifecycle/customers/cus_unknown?knownAt=x', 400, 'invalid_request'],
    ['lifecycle/flow?from=2026-01-02&to=2026-01-01', 400, 'period_invalid'],
    ['lifecycle/flow?to=2026-13-01', 400, 'invalid_request'],
  ])('refuse %s', async (path, expected, code) => {
    const { status, body } = await service.admin(path);
    expect([status, body.code]).toEqual([expected, code]);
  });
});

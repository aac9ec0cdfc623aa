import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckRevenueJob } from '../../src/subscriptions/revenue/check-revenue.job.js';
import { AlertedService } from '../support/alerts.js';
import { anEventOf, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import type { TestApp } from '../support/test-app.js';

describe('the sum of movements', () => {
  let alerted: AlertedService;
  let service: TestApp;

  beforeAll(async () => {
    alerted = await AlertedService.start();
    service = alerted.service;
  });
  afterAll(() => alerted.stop());

  const check = () => service.app.get(CheckRevenueJob).run();
  const mrr = async () => (await service.admin('revenue/mrr')).body;
  const metric = async () =>
    /^revenue_differences (\S+)$/m.exec((await (await fetch(`${service.url}/metrics`)).text()) ?? '')?.[1];

  it('is the revenue; where it is not, an alert fires until it is again', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: hour(-1) });
    await service.deliver(anEvent(customer));
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1)));
    await check();
    expect(await mrr()).toMatchObject({
      currencies: [{ currency: 'usd', mrrMinor: 1000, customers: 1 }],
      differences: 0,
      checkedAt: expect.any(String),
    });

    await alerted.proves(
      'revenue_differs',
      async () => {
        await service.database.rows(`update customer_revenues set mrr = '{"usd": 900}'`);
        await check();
        expect((await mrr()).differences).toBe(1);
      },
      async () => {
        await service.database.rows(`update customer_revenues set mrr = '{"usd": 1000}'`);
        await check();
      },
    );
    expect((await mrr()).differences).toBe(0);
  });

  it('counts revenue without movements, movements without revenue, and each currency', async () => {
    await service.database.rows(`update customer_revenues set mrr = '{"eur": 5, "usd": 0}'`);
    await check();
    expect((await mrr()).differences).toBe(2);
    await service.database.rows('delete from mrr_movements');
    await check();
    expect((await mrr()).differences).toBe(1);
    expect(await metric()).toBe('1');
    await service.database.rows('delete from customer_revenues');
    await check();
    expect(await mrr()).toMatchObject({ differences: 0, currencies: [] });
  });
});

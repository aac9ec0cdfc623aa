import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackBillingJob } from '../../src/analytics/track-billing.job.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { queuedJobs, untilNoJob } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';

const at = (hours: number) => new Date(hour(hours) * 1000);

describe('analytics of payments, revenue and stages', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  async function aCustomerOfOurs() {
    const { id: userId, metadata } = await service.createUser();
    const customer = aCustomer({ metadata: { ...metadata, source: 'newsletter' }, created: hour(-1) });
    await service.deliver(anEvent(customer));
    await untilNoJob(service.database, 'track-customer-created');
    return { userId, id: customer.id };
  }

  const trackedOf = async (id: string) => {
    await untilNoJob(service.database, 'track-billing');
    return service.database.rows<{ name: string }>(
      `select a.name, a.source, a.user_id, properties, occurred_at, a.stripe_event_id from analytics_events a
       join customers c on c.id = a.customer_id
       where stripe_customer_id = $1 and a.name <> 'customer_created' order by occurred_at, a.name`,
      [id],
    );
  };

  it('are tracked with the user, the source and the times of Stripe, and counted by day', async () => {
    const { id, userId } = await aCustomerOfOurs();
    const subscription = aSubscription(id);
    const failed = anInvoice(id, { status: 'open', amount_paid: 0, status_transitions: {} });

    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(1)));
    await service.deliver(
      anEventOf('invoice.paid', anInvoice(id, { status_transitions: { paid_at: hour(2) } }), hour(2)),
    );
    await service.deliver(anEventOf('invoice.payment_failed', failed, hour(3)));
    await service.deliver(
      anEventOf('invoice.paid', anInvoice(id, { status_transitions: { paid_at: hour(4) } }), hour(4)),
    );

    const tracked = await trackedOf(id);
    expect(tracked).toMatchObject([
      {
        name: 'mrr_new',
        properties: { currency: 'usd', beforeMinor: 0, afterMinor: 1000 },
        occurred_at: at(1),
      },
      { name: 'stage_active', properties: { from: 'onboarding' }, occurred_at: at(1) },
      { name: 'payment_succeeded', properties: { currency: 'usd', amountMinor: 1000 }, occurred_at: at(2) },
      { name: 'payment_failed', properties: { amountMinor: 1000 }, occurred_at: at(3) },
      { name: 'stage_at_risk', properties: { from: 'active' }, occurred_at: at(3) },
      { name: 'payment_succeeded', occurred_at: at(4) },
    ]);
    for (const event of tracked) expect(event).toMatchObject({ source: 'newsletter', user_id: userId });
    const day = at(1).toISOString().slice(0, 10);
    const { body } = await service.admin(`analytics/daily?from=${day}&to=${day}`);
    expect(body).toContainEqual({ day, name: 'payment_succeeded', source: 'newsletter', count: 2 });
  });

  it('are tracked once when the job runs twice, and not of a customer without a user', async () => {
    const { id } = await aCustomerOfOurs();
    const [row] = await service.database.rows<{ id: string }>(
      'select id from customers where stripe_customer_id = $1',
      [id],
    );
    const occurredAt = at(1).toISOString();
    const events = [{ name: 'payment_succeeded', occurredAt, properties: {} }];
    const payload = { customerId: row?.id as string, stripeEventId: 'evt_tracked_twice', events };
    const job = service.app.get(TrackBillingJob);

    await job.run([payload, payload]);
    await job.run([payload]);
    expect(await trackedOf(id)).toHaveLength(1);

    await service.admin(`customers/${id}/unlink`, {});
    await job.run([{ ...payload, stripeEventId: 'evt_without_user' }]);
    expect(await trackedOf(id)).toHaveLength(1);
  });

  it('are not queued when analytics is off', async () => {
    const silent = await TestApp.start({ env: { ANALYTICS_ENABLED: 'false' } });
    try {
      const { metadata } = await silent.createUser();
      const customer = aCustomer({ metadata });
      await silent.deliver(anEvent(customer));
      await silent.deliver(anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1)));
      expect(await queuedJobs(silent.database, 'track-billing')).toEqual([]);
    } finally {
      await silent.stop();
    }
  });

  it('have one job for all that an event caused', async () => {
    const quiet = await TestApp.start();
    try {
      const { metadata } = await quiet.createUser();
      const customer = aCustomer({ metadata });
      await quiet.deliver(anEvent(customer));
      await quiet.deliver(anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1)));
      const jobs = await queuedJobs(quiet.database, 'track-billing');
      expect(jobs).toHaveLength(1);
      expect(jobs[0]?.payload).toHaveLength(1);
    } finally {
      await quiet.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrackBillingJob } from '../../src/analytics/track-billing.job.js';
import { TrackCustomerCreatedJob } from '../../src/analytics/track-customer-created.job.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { streamOf } from '../support/collector.js';
import { queuedJobs, untilNoJob } from '../support/jobs.js';
import { PortalTest } from '../support/portal.js';
import { TestApp } from '../support/test-app.js';

const at = (hours: number) => new Date(hour(hours) * 1000);

describe('the facts of this service in the stream', () => {
  let test: PortalTest;
  let service: TestApp;

  beforeAll(async () => {
    test = await PortalTest.start();
    ({ service } = test);
  });
  afterAll(() => test.stop());

  const report = (userId: string, milestone: string, occurredAt: Date) =>
    test.asMingus(`/users/${userId}/milestones`, { milestone, occurredAt });
  const factsOf = async (userId: string) => {
    for (const task of ['track-customer-created', 'track-billing', 'deliver-notification'] as const)
      await untilNoJob(service.database, task);
    const facts = await streamOf(service, `user_id = $1 and type = 'fact'`, [userId]);
    return facts.map(({ name, occurredAt, properties }) => ({ name, occurredAt, properties }));
  };

  it('show a whole life, each fact once, also after every event is repeated and replayed', async () => {
    const { id: userId, metadata } = await service.createUser();
    const customer = aCustomer({ metadata: { ...metadata, source: 'letter' }, created: hour(-1) });
    test.stripe.put(customer);
    const paid = { status_transitions: { paid_at: hour(2) } };
    const events = [
      anEvent(customer),
      anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1)),
      anEventOf('invoice.paid', anInvoice(customer.id, paid), hour(2)),
    ];
    const live = async () => {
      for (const event of events) expect((await service.deliver(event)).status).toBe(200);
      await report(userId, 'activated', at(3));
    };

    await live();
    const portal = await test.asMingus(`/users/${userId}/portal-sessions`, {});
    expect(portal.status).toBe(201);
    const first = await factsOf(userId);
    await live();
    for (const { id } of events) await service.admin(`webhook-events/${id}/replay`, {});
    const again = await factsOf(userId);

    expect(first.slice(0, 5)).toMatchObject([
      { name: 'customer_created', occurredAt: at(-1), properties: { source: 'letter' } },
      { name: 'mrr_new', occurredAt: at(1), properties: { currency: 'usd', afterMinor: 1000 } },
      { name: 'stage_active', occurredAt: at(1), properties: { from: 'onboarding' } },
      { name: 'payment_succeeded', occurredAt: at(2), properties: { amountMinor: 1000 } },
      { name: 'milestone_activated', occurredAt: at(3) },
    ]);
    expect(
      first
        .slice(5)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['portal_accessed', 'welcomed']);
    expect(again).toEqual(first);
  });

  it('are written once by jobs that run twice, side by side', async () => {
    const { userId, id } = await test.onboard();
    const [row] = await service.database.rows<{ id: string }>(
      'select id from customers where stripe_customer_id = $1',
      [id],
    );
    const customerId = row?.id as string;
    const before = await factsOf(userId);
    const occurredAt = at(5).toISOString();
    const events = ['payment_succeeded', 'stage_active'].map((name) => ({
      name,
      occurredAt,
      properties: {},
    }));
    const job = service.app.get(TrackBillingJob);
    const payloads = [1, 2, 3].map((n) => ({ customerId, stripeEventId: `evt_twice_${n}`, events }));

    await Promise.all([job.run(payloads), job.run(payloads.toReversed()), job.run(payloads)]);

    expect(await factsOf(userId)).toHaveLength(before.length + 6);
  });

  it('take the earliest time of a milestone, of a lead as well as of a customer', async () => {
    const { id: userId } = await service.createUser();
    await report(userId, 'activated', at(9));
    await report(userId, 'activated', at(4));
    await report(userId, 'activated', at(6));

    expect(await factsOf(userId)).toMatchObject([{ name: 'milestone_activated', occurredAt: at(4) }]);
  });

  it('begin with the retention, and exist only for customers with a user', async () => {
    const { id: userId, metadata } = await service.createUser();
    const old = Math.floor(Date.now() / 1000) - 731 * 86_400;
    await service.deliver(anEvent(aCustomer({ metadata, created: old })));
    expect((await factsOf(userId)).map(({ name }) => name)).not.toContain('customer_created');

    const { userId: unlinked, id } = await test.onboard();
    const before = await factsOf(unlinked);
    await service.admin(`customers/${id}/unlink`, {});
    const people = await service.database.count('people');
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(id), hour(1)));
    expect(await factsOf(unlinked)).toEqual(before);
    expect(await service.database.count('people')).toBe(people);
  });

  it('add no row and no job to the transaction of a creation', async () => {
    const quiet = await TestApp.start();
    try {
      const { metadata } = await quiet.createUser();
      await quiet.deliver(anEvent(aCustomer({ metadata })));

      expect(await quiet.database.count('behaviour_events')).toBe(0);
      expect(await quiet.database.count('people')).toBe(0);
      const [job] = await queuedJobs(quiet.database, 'track-customer-created');
      const payload = job?.payload as never[];
      await quiet.app.get(TrackCustomerCreatedJob).run(payload);
      await quiet.app.get(TrackCustomerCreatedJob).run(payload);
      expect(await streamOf(quiet)).toMatchObject([{ name: 'customer_created', type: 'fact' }]);
    } finally {
      await quiet.stop();
    }
  });
});

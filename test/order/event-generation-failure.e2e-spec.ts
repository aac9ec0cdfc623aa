import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDispute, anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { billingRoutes } from '../support/fake-stripe/billing-routes.js';
import { aCustomer, aGenerationFailure, aUser, anEvent, type Fields } from '../support/builders.js';
import { coreEventRoutes } from '../support/fake-stripe/core-event-routes.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { makeDue, queuedJobs } from '../support/jobs.js';
import { readMetric } from '../support/metrics.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('an event that Stripe failed to generate', () => {
  let stripe: FakeStripe;
  let service: TestApp;
  const objects = new Map<string, Fields>();
  const coreEvents = new Map<string, Fields>();

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    stripe.serve(...coreEventRoutes(coreEvents), ...billingRoutes(objects));
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ jobs: true, env });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  async function aCustomerInStripe(fields: Fields = {}) {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, ...fields });
    stripe.put(customer);
    return customer;
  }

  /** The failure event as delivered. Its object is only in the data that Stripe returns on request. */
  function aFailureAbout(id: string, impact: Fields = {}) {
    const failure = aGenerationFailure();
    const related = { id, type: 'customer', url: `https://dashboard.stripe.com/customers/${id}` };
    const data = { impact: { event_type: 'customer.created', related_object: related, ...impact } };
    coreEvents.set(failure.id, { ...failure, data });
    return failure;
  }

  const inboxRow = async (event: { id: string }) => (await service.admin(`webhook-events/${event.id}`)).body;

  const decided = (event: { id: string }) =>
    waitFor('decided', async () => {
      const row = await inboxRow(event);
      return row.outcome === 'fetching' ? null : row;
    });

  it('is replaced: its customer is fetched and set up, with all mails', async () => {
    const customer = await aCustomerInStripe();
    const failure = aFailureAbout(customer.id);

    const { body } = await service.deliver(failure);

    expect(body.message).toBe('Event accepted: its object is being fetched from Stripe');
    expect(await decided(failure)).toMatchObject({ outcome: 'created', stripeCustomerId: customer.id });
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
  });

  it.each([
    ['type', (id: string) => ({ related_object: { id, type: 'subscription', url: '/x' } })],
    [
      'id only, as in older API versions',
      (id: string) => ({ related_object: undefined, related_object_id: id }),
    ],
  ])('about a subscription is replaced, with its %s', async (_, impactOf) => {
    const customer = await aCustomerInStripe();
    await service.deliver(anEvent(customer, { created: customer.created }));
    const subscription = aSubscription(customer.id);
    objects.set(subscription.id, subscription);
    const failure = aFailureAbout(subscription.id, {
      event_type: 'customer.subscription.created',
      ...impactOf(subscription.id),
    });

    await service.deliver(failure);

    expect(await decided(failure)).toMatchObject({ outcome: 'updated', stripeCustomerId: customer.id });
    expect((await service.admin(`customers/${customer.id}`)).body.lifecycle.stage).toBe('active');
  });

  it('about a failed payment and a dispute are replaced: risks', async () => {
    const customer = await aCustomerInStripe();
    await service.deliver(anEvent(customer, { created: customer.created }));
    const unpaid = { status: 'open', amount_paid: 0, status_transitions: {} };
    const charge = { id: 'ch_1', object: 'charge', customer: customer.id, currency: 'usd' };
    const [invoice, dispute] = [anInvoice(customer.id, unpaid), aDispute(charge.id)];
    const subscription = aSubscription(customer.id);
    for (const object of [invoice, dispute, charge, subscription]) objects.set(object.id, object);
    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(0)));

    for (const { id, object: type } of [invoice, dispute]) {
      const failure = aFailureAbout(id, { related_object: { id, type, url: '/x' } });
      await service.deliver(failure);
      expect((await decided(failure)).outcome).toBe('updated');
    }

    expect((await service.admin(`customers/${customer.id}`)).body.lifecycle.risks).toEqual([
      'payment_failed',
      'dispute_open',
    ]);
  });

  it.each([
    ['updated', (id: string) => stripe.put({ ...aCustomer({ id }), name: 'Ada King' }), { name: 'Ada King' }],
    ['deleted', (id: string) => stripe.delete(id), { deletedAt: expect.any(String) }],
  ])('brings a stored customer to the current state in Stripe: %s', async (outcome, act, expected) => {
    const customer = await aCustomerInStripe();
    await service.deliver(anEvent(customer, { created: customer.created }));
    act(customer.id);
    const failure = aFailureAbout(customer.id);

    await service.deliver(failure);

    expect((await decided(failure)).outcome).toBe(outcome);
    expect((await service.admin(`customers/${customer.id}`)).body).toMatchObject(expected);
  });

  it('is fetched in the name of the connected account whose customer it is about', async () => {
    const customer = await aCustomerInStripe();
    stripe.put(customer, 'acct_1');
    const failure = aFailureAbout(customer.id, { context: 'acct_1' });

    await service.deliver(failure);

    await decided(failure);
    const request = stripe.requests.find(({ path }) => path.endsWith(customer.id));
    expect(request?.headers['stripe-context']).toBe('acct_1');
  });

  it('waits for the user of its customer, and is fetched again when the user arrives', async () => {
    const user = aUser();
    const customer = await aCustomerInStripe({ metadata: { mingus_user_id: user.id } });
    const failure = aFailureAbout(customer.id);
    await service.deliver(failure);
    expect((await decided(failure)).outcome).toBe('pending_user');

    await service.admin('users', user);

    await waitFor('set up', async () => (await inboxRow(failure)).outcome === 'created');
  });

  it.each([
    ['about another object', { related_object: { id: 'pi_1', type: 'payment_intent' } }, 'not_a_customer'],
    ['about nothing that can be read', { related_object: null }, 'not_a_customer'],
  ])('is ignored when it is %s', async (_, impact, errorCode) => {
    const failure = aFailureAbout('cus_1', impact);

    await service.deliver(failure);

    expect(await decided(failure)).toMatchObject({ outcome: 'ignored', errorCode });
  });

  it('is rejected when Stripe no longer has it', async () => {
    const failure = aGenerationFailure();

    await service.deliver(failure);

    expect(await decided(failure)).toMatchObject({ outcome: 'rejected', errorCode: 'event_not_found' });
  });

  it('is processed after the API failed at either step, and is counted by its type', async () => {
    const customer = await aCustomerInStripe();
    const failure = aFailureAbout(customer.id);
    const counted = () =>
      readMetric(service.url, 'webhook_events_total', { type: failure.type, outcome: 'created' });
    const before = await counted();
    stripe.failNext(429, 'answer', 500);
    await service.deliver(failure);
    for (const attempts of [1, 2]) {
      await waitFor('failed', async () => {
        const [job] = await queuedJobs(service.database, 'fetch-stripe-object');
        return job?.attempts === attempts && job.lastError !== null;
      });
      await makeDue(service.database, 'fetch-stripe-object');
    }

    expect((await decided(failure)).outcome).toBe('created');
    expect(await counted()).toBe(before + 1);
  });
});

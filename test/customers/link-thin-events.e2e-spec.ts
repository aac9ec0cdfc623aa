import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aThinEvent } from '../support/builders.js';
import { type Failure, FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a thin event whose customer holds no user id', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ jobs: true, env });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  const link = (event: { id: string }, userId: string) =>
    service.admin(`webhook-events/${event.id}/link`, { userId });
  const outcomeOf = async (event: { id: string }) =>
    (await service.admin(`webhook-events/${event.id}`)).body.outcome as string;

  /** A thin event that was fetched and is unmatched, and its unmatched snapshot twin. */
  async function anUnmatched() {
    const customer = aCustomer({ metadata: {} });
    stripe.put(customer);
    const thin = aThinEvent(customer.id, { type: 'v1.customer.updated' });
    await service.deliver(thin);
    await waitFor('unmatched', async () => (await outcomeOf(thin)) === 'unmatched');
    const { id } = await service.createUser();
    return { customer, thin, userId: id };
  }

  it('is set up with the customer that Stripe has now', async () => {
    const { customer, thin, userId } = await anUnmatched();
    stripe.put({ ...customer, name: 'Ada King' });

    const { status, body } = await link(thin, userId);

    expect({ status, outcome: body.outcome }).toEqual({ status: 200, outcome: 'created' });
    expect((await service.admin(`customers/${customer.id}`)).body).toMatchObject({
      userId,
      name: 'Ada King',
    });
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
  });

  it('is followed by its snapshot twin, and follows it', async () => {
    for (const linked of ['thin', 'snapshot'] as const) {
      const { customer, thin, userId } = await anUnmatched();
      const snapshot = anEvent(customer);
      await service.deliver(snapshot);

      const { body } = await link({ thin, snapshot }[linked], userId);

      expect(body).toMatchObject({ outcome: 'created', waiting: [{ errorCode: null }] });
      await waitFor('both decided', async () =>
        [await outcomeOf(thin), await outcomeOf(snapshot)].every(
          (outcome) => outcome !== 'unmatched' && outcome !== 'fetching',
        ),
      );
      expect((await service.admin(`customers/${customer.id}`)).body.notifications).toHaveLength(3);
    }
  });

  it('is not linked while Stripe does not answer: 502; it can be linked later', async () => {
    const { customer, thin, userId } = await anUnmatched();
    const failures: Failure[] = Array(10).fill(500);
    stripe.failNext(...failures);

    const refused = await link(thin, userId);
    stripe.recover();

    expect(refused).toMatchObject({ status: 502, body: { code: 'stripe_unavailable' } });
    expect(await outcomeOf(thin)).toBe('unmatched');
    expect((await link(thin, userId)).body.outcome).toBe('created');
    expect((await service.admin(`customers/${customer.id}`)).status).toBe(200);
  });

  it('has no effect, with a reason, when Stripe no longer has its customer', async () => {
    const { customer, thin, userId } = await anUnmatched();
    stripe.delete(customer.id);

    const { body } = await link(thin, userId);

    expect(body).toMatchObject({ outcome: 'rejected', errorCode: 'object_deleted', waiting: [] });
    expect((await service.admin(`customers/${customer.id}`)).body).toMatchObject({ isSetUp: false });
  });
});

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FetchStripeObjectJob } from '../../src/webhooks/stored-events/fetching/fetch-stripe-object.job.js';
import { RefreshCustomerJob } from '../../src/webhooks/stored-events/fetching/refresh-customer.job.js';
import { aCustomer, anEvent, aThinEvent } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('the thin deletion of an unknown customer', () => {
  let stripe: FakeStripe;
  let service: TestApp;
  let blocker: pg.Client;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ env });
    blocker = new pg.Client({ connectionString: service.database.url });
    await blocker.connect();
  });
  afterAll(async () => {
    await blocker.end();
    await service.stop();
    await stripe.stop();
  });

  const outcomeOf = async ({ id }: { id: string }) =>
    (await service.admin(`webhook-events/${id}`)).body.outcome as string;

  /** Locks the customers, so that a creation that has read the known state waits before it writes. */
  async function whileCustomersAreLocked<T>(act: () => Promise<T>): Promise<T> {
    await blocker.query('begin; lock table customers in exclusive mode');
    try {
      return await act();
    } finally {
      await blocker.query('rollback');
    }
  }

  const aWriterWaits = async () =>
    (await service.database.count('pg_locks', `relation = 'customers'::regclass and not granted`)) > 0;

  /** Runs the waiting jobs of a task for this event, due or not. */
  async function runJobs(task: 'fetch-stripe-object' | 'refresh-customer', { id }: { id: string }) {
    const jobs = (await queuedJobs(service.database, task)).flatMap(({ payload }) => payload);
    const payloads = jobs.filter(({ stripeEventId }) => stripeEventId === id) as { stripeEventId: string }[];
    expect(payloads).toHaveLength(1);
    const job = task === 'refresh-customer' ? RefreshCustomerJob : FetchStripeObjectJob;
    await service.app.get<FetchStripeObjectJob | RefreshCustomerJob>(job).run(payloads);
  }

  async function aDeletion(customerId: string) {
    stripe.delete(customerId);
    const deletion = aThinEvent(customerId, { type: 'v1.customer.deleted' });
    await service.deliver(deletion);
    expect(await outcomeOf(deletion)).toBe('fetching');
    return deletion;
  }

  it('is not lost when its creation commits at the same time and neither sees the other', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const deletion = await aDeletion(customer.id);
    const creation = anEvent(customer);

    const delivered = await whileCustomersAreLocked(async () => {
      const answer = service.deliver(creation);
      await waitFor('creation has read', aWriterWaits);
      await runJobs('fetch-stripe-object', deletion);
      return { answer };
    });
    expect((await delivered.answer).body.message).toMatch(/^Customer created/);
    expect(await outcomeOf(deletion)).toBe('rejected');
    await runJobs('refresh-customer', deletion);

    const { deletedAt, portalAccess } = (await service.admin(`customers/${customer.id}`)).body;
    expect(deletedAt).not.toBeNull();
    expect(portalAccess.status).toBe('revoked');
  });

  it('looks for its customer a little later, and does nothing if there is none', async () => {
    const { id } = aCustomer();
    const deletion = await aDeletion(id);

    await runJobs('fetch-stripe-object', deletion);

    const jobs = await queuedJobs(service.database, 'refresh-customer');
    expect(jobs.at(-1)?.runAt.getTime()).toBeGreaterThan(Date.now());
    await runJobs('refresh-customer', deletion);
    expect(await outcomeOf(deletion)).toBe('rejected');
    expect((await service.admin(`customers/${id}`)).body).toMatchObject({ isSetUp: false });
  });
});

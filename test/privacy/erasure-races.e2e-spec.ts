import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent, aThinEvent } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { makeDue, makeEverythingDue, queuedJobs, untilNoJob } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';

const CREATED_AT = 1_790_000_000;
const TRIALS = 20;

describe('a person who is erased while Stripe reports changes', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  it('is not stored again, in either order of commits', async () => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, name: 'Canary Name' });
      const change = (second: number) =>
        anEvent(
          { ...customer, email: `canary.${second}@x.example` },
          { type: 'customer.updated', created: CREATED_AT + second },
        );
      await service.deliver(anEvent(customer, { created: CREATED_AT }));

      const erased = service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });
      await Promise.all([3, 1, 2].map((second) => service.deliver(change(second))));

      expect((await erased).status).toBe(200);
      expect((await service.admin(`customers/${customer.id}`)).body).toMatchObject({ email: '', name: null });
    }

    await makeDue(service.database, 'forget-events');
    await untilNoJob(service.database, 'forget-events');
    const dump = (await service.database.dump()).split('\n');
    expect(dump.filter((line) => /canary/i.test(line))).toEqual([]);
  });
});

describe('a person who is erased while an object about them is to be fetched from Stripe', () => {
  it('is not fetched: no event stays undecided, and no job fails', async () => {
    const stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    const idle = await TestApp.start({ env });
    onTestFinished(async () => {
      await idle.stop();
      await stripe.stop();
    });
    const customer = aCustomer({ metadata: (await idle.createUser()).metadata });
    stripe.put(customer);
    await idle.deliver(anEvent(customer, { created: CREATED_AT }));
    const change = { type: 'customer.updated', created: CREATED_AT + 5 };
    for (const name of ['Ada King', 'Ada Byron']) await idle.deliver(anEvent({ ...customer, name }, change));
    const thin = aThinEvent(customer.id, { type: 'v1.customer.updated' });
    await idle.deliver(thin);
    expect(await queuedJobs(idle.database, 'refresh-customer')).not.toEqual([]);

    await idle.admin(`customers/${customer.id}/erase`, { confirm: customer.id });
    await makeEverythingDue(idle.database);
    const running = await TestApp.start({ jobs: true, database: idle.database, smtp: idle.smtp, env });
    onTestFinished(() => running.stop());

    for (const task of ['refresh-customer', 'fetch-stripe-object'] as const)
      await untilNoJob(idle.database, task);
    expect((await idle.admin(`webhook-events/${thin.id}`)).body).toMatchObject({ outcome: 'stale' });
    expect(await idle.database.count('webhook_events', `outcome = 'fetching'`)).toBe(0);
  });
});

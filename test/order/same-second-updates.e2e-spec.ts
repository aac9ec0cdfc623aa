import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aThinEvent } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const SECOND = 1_790_000_000;

describe('updates of a customer within one second', () => {
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

  /** A customer named Newest in Stripe, and its events. */
  async function aLife() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    stripe.put({ ...customer, name: 'Newest' });
    const aState = (name: string) => ({ ...customer, name });
    const at = (type: string, created: number, name: string) => anEvent(aState(name), { type, created });
    return { id: customer.id, at, aState };
  }

  const nameOf = async (id: string) => (await service.admin(`customers/${id}`)).body.name as string;

  const allJobsDone = () =>
    waitFor('all jobs done', async () => {
      const waiting = await queuedJobs(service.database, 'refresh-customer');
      return waiting.length === 0;
    });

  it.each([
    ['the newer one first', ['Newest', 'Older']],
    ['the older one first', ['Older', 'Newest']],
    ['three of them, and one twice', ['Newest', 'Older', 'Oldest', 'Older']],
  ])('end in the current state in Stripe: %s', async (_, names) => {
    const { id, at } = await aLife();
    await service.deliver(at('customer.created', SECOND, 'Created'));

    for (const name of names) await service.deliver(at('customer.updated', SECOND + 1, name));

    await waitFor('refreshed', async () => (await nameOf(id)) === 'Newest');
    await allJobsDone();
    expect(await nameOf(id)).toBe('Newest');
    expect(stripe.fetchesOf(id)).toBeGreaterThan(0);
  });

  it("are fetched again when Stripe's answer is of the same second", async () => {
    const { id, at } = await aLife();
    stripe.now = () => new Date((SECOND + 1) * 1000);
    const created = at('customer.created', SECOND, 'Created');
    await service.deliver(created);
    const thin = aThinEvent(id, { type: 'v1.customer.updated' });
    await service.deliver(thin);
    await waitFor('fetched', async () => (await nameOf(id)) === 'Newest');

    const late = at('customer.updated', SECOND + 1, 'Older');
    stripe.now = () => new Date();
    await service.deliver(late);

    await waitFor('refreshed', () => stripe.fetchesOf(id) === 2);
    await allJobsDone();
    expect(await nameOf(id)).toBe('Newest');
    expect(stripe.fetchesOf(id)).toBe(2);
  });

  it.each([
    ['of the same second', 1],
    ['of the next second, because it took its time', 2],
  ])("are fetched again when another update arrives before Stripe's answer: %s", async (_, second) => {
    const { id, at, aState } = await aLife();
    await service.deliver(at('customer.created', SECOND, 'Created'));
    stripe.now = () => new Date((SECOND + second) * 1000);
    const answer = stripe.holdNextAnswer();
    stripe.put(aState('Older'));
    await service.deliver(aThinEvent(id, { type: 'v1.customer.updated' }));
    await answer.isHeld;

    stripe.put(aState('Newest'));
    await service.deliver(at('customer.updated', SECOND + 1, 'Newest'));
    answer.release();

    await waitFor('the older one', async () => (await nameOf(id)) === 'Older');
    stripe.now = () => new Date();
    await waitFor('refreshed', async () => (await nameOf(id)) === 'Newest');
    await allJobsDone();
    expect(await nameOf(id)).toBe('Newest');
  });

  it.each([
    ['one update, in the second of the creation', SECOND, []],
    ['updates of different seconds', SECOND + 1, ['Older']],
  ])('are the only ones that cause a fetch: not %s', async (_, second, older) => {
    const { id, at } = await aLife();
    await service.deliver(at('customer.created', SECOND, 'Created'));
    for (const name of older) await service.deliver(at('customer.updated', second, name));

    await service.deliver(at('customer.updated', second + older.length, 'Newest'));

    await allJobsDone();
    expect(await nameOf(id)).toBe('Newest');
    expect(stripe.fetchesOf(id)).toBe(0);
  });

  it('do not change a customer that was deleted in the meantime', async () => {
    const { id, at } = await aLife();
    await service.deliver(at('customer.created', SECOND, 'Created'));
    stripe.delete(id);

    for (const name of ['Newest', 'Older']) await service.deliver(at('customer.updated', SECOND + 1, name));

    await waitFor('asked for', () => stripe.fetchesOf(id) > 0);
    await allJobsDone();
    expect((await service.admin(`customers/${id}`)).body).toMatchObject({ name: 'Older', deletedAt: null });
  });
});

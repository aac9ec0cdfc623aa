import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aThinEvent, aUser, type Fields } from '../support/builders.js';
import { type Failure, FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { makeDue, queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const TASK = 'fetch-stripe-object';
const FETCHING = {
  success: true,
  message: 'Event accepted: its object is being fetched from Stripe',
  changes: [],
  notifications_sent: 0,
};

describe('thin events', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ jobs: true, env });
  });
  afterEach(() => {
    stripe.now = () => new Date();
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  /** A customer in Stripe with a MINGUS user, and the two events of its creation. */
  async function aCreation(fields: Fields = {}) {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, ...fields });
    stripe.put(customer);
    const snapshot = anEvent(customer);
    return { customer, snapshot, thin: aThinEvent(customer.id, { snapshot_event: snapshot.id }) };
  }

  const inboxRow = async (event: { id: string }) => (await service.admin(`webhook-events/${event.id}`)).body;

  const decided = (event: { id: string }) =>
    waitFor('decided', async () => {
      const row = await inboxRow(event);
      return row.outcome === 'fetching' ? null : row;
    });

  const stored = async (customer: { id: string }) => (await service.admin(`customers/${customer.id}`)).body;

  it('onboard a customer without other events, with all mails', async () => {
    const { customer, thin } = await aCreation();

    const answer = await service.deliver(thin);

    expect(answer.body).toEqual(FETCHING);
    expect(await decided(thin)).toMatchObject({ outcome: 'created', stripeCustomerId: customer.id });
    const { email, portalAccess, lifecycle, notifications } = await stored(customer);
    expect({ email, access: portalAccess.status, stage: lifecycle.stage }).toEqual({
      email: customer.email,
      access: 'active',
      stage: 'onboarding',
    });
    expect(notifications).toHaveLength(3);
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
  });

  it.each(['snapshot first', 'thin first', 'both at once'])(
    'and their snapshot twins onboard once, %s',
    async (order) => {
      const { customer, snapshot, thin } = await aCreation();
      const events = order === 'thin first' ? [thin, snapshot] : [snapshot, thin];

      if (order === 'both at once') await Promise.all(events.map((event) => service.deliver(event)));
      else for (const event of events) await service.deliver(event);

      const rows = [await decided(thin), await decided(snapshot)];
      expect(rows.map(({ outcome }) => outcome).toSorted()).toEqual(['created', 'duplicate']);
      expect(rows[0].customerId).toBe(rows[1].customerId);
      expect((await stored(customer)).notifications).toHaveLength(3);
    },
  );

  it('cause no fetch when their snapshot twin was processed before', async () => {
    const { customer, snapshot, thin } = await aCreation();
    await service.deliver(snapshot);

    const { body } = await service.deliver(thin);

    expect(body).toMatchObject({ success: true, message: 'Customer already exists: nothing to do' });
    expect(stripe.fetchesOf(customer.id)).toBe(0);
  });

  it("update a customer, as of the time of Stripe's answer", async () => {
    const { customer, snapshot } = await aCreation();
    await service.deliver(snapshot);
    stripe.put({ ...customer, name: 'Ada King' });
    const answeredAt = new Date(Date.now() + 3_600_000);
    answeredAt.setMilliseconds(0);
    stripe.now = () => answeredAt;
    const update = aThinEvent(customer.id, { type: 'v1.customer.updated' });

    await service.deliver(update);

    expect((await decided(update)).outcome).toBe('updated');
    expect((await stored(customer)).name).toBe('Ada King');
    const [row] = await service.database.rows<{ state_at: Date }>(
      'select state_at from customers where stripe_customer_id = $1',
      [customer.id],
    );
    expect(row?.state_at).toEqual(answeredAt);
  });

  it('do not restore old data: an answer older than the stored state is stale', async () => {
    const { customer, snapshot } = await aCreation();
    await service.deliver(snapshot);
    stripe.put({ ...customer, name: 'Of old' });
    stripe.now = () => new Date(Date.now() - 3_600_000);
    const update = aThinEvent(customer.id, { type: 'v1.customer.updated' });

    await service.deliver(update);

    expect((await decided(update)).outcome).toBe('stale');
    expect((await stored(customer)).name).toBe(customer.name);
  });

  it.each([
    ['the event of the deletion', 'v1.customer.deleted', 0],
    ['an update that is fetched too late', 'v1.customer.updated', 1],
  ])('make a tombstone of a deleted customer: %s', async (_, type, fetches) => {
    const { customer, snapshot } = await aCreation();
    await service.deliver(snapshot);
    stripe.delete(customer.id);
    const deletion = aThinEvent(customer.id, { type });

    await service.deliver(deletion);

    expect((await decided(deletion)).outcome).toBe('deleted');
    const { portalAccess, lifecycle } = await stored(customer);
    expect([portalAccess.status, lifecycle.stage]).toEqual(['revoked', 'churned']);
    expect(stripe.fetchesOf(customer.id)).toBe(fetches);
  });

  it.each([
    ['that Stripe does not have', () => undefined, 'object_not_found'],
    ['that was deleted before it was known', (id: string) => stripe.delete(id), 'object_deleted'],
  ])('about a customer %s are rejected with the reason', async (_, act, errorCode) => {
    const { id } = aCustomer();
    act(id);
    const thin = aThinEvent(id);
    await service.deliver(thin);

    expect(await decided(thin)).toMatchObject({ outcome: 'rejected', errorCode });
    const { body } = await service.deliver(thin);
    expect(body).toEqual({ success: false, error: (await inboxRow(thin)).errorMessage });
  });

  it('of a deletion prevent the welcome when the creation arrives later', async () => {
    const { customer, snapshot } = await aCreation();
    stripe.delete(customer.id);
    const deletion = aThinEvent(customer.id, { type: 'v1.customer.deleted' });
    await service.deliver(deletion);
    await decided(deletion);

    const { body } = await service.deliver(snapshot);

    expect(body).toMatchObject({ success: true, notifications_sent: 0 });
    const { portalAccess, lifecycle, notifications } = await stored(customer);
    expect([portalAccess.status, lifecycle.stage]).toEqual(['revoked', 'churned']);
    expect(notifications.map(({ status }: Fields) => status)).toEqual(Array(3).fill('cancelled'));
  });

  it.each<[string, Failure[], RegExp]>([
    ['too many requests', [429], /Scripted failure/],
    ['an error', [500], /Scripted failure/],
    ['a refused key', [401], /Scripted failure/],
    ['a page of another server', [404], /Scripted failure/],
    ['connections that break, also when the SDK opens another one', ['reset', 'reset'], /connection/i],
    ['no answer at all', ['hang'], /timeout/i],
  ])('survive %s: fetched again later', { timeout: 20_000 }, async (_, failures, lastError) => {
    const { customer, thin } = await aCreation();
    stripe.failNext(...failures);
    await service.deliver(thin);
    const job = await waitFor('failed', async () => {
      const jobs = await queuedJobs(service.database, TASK);
      return jobs.find((each) => each.lastError !== null);
    });
    expect(job.lastError).toMatch(lastError);
    expect((await inboxRow(thin)).outcome).toBe('fetching');

    await makeDue(service.database, TASK);

    expect((await decided(thin)).outcome).toBe('created');
    expect(stripe.fetchesOf(customer.id)).toBe(failures.length + 1);
  });

  it('wait for a user who is missing, and are set up when the user arrives', async () => {
    const user = aUser();
    const { customer, thin } = await aCreation({ metadata: { mingus_user_id: user.id } });
    await service.deliver(thin);
    expect(await decided(thin)).toMatchObject({ outcome: 'pending_user', mingusUserId: user.id });
    const [retry] = await queuedJobs(service.database, 'resolve-pending-events');
    expect(retry?.payload).toEqual([{ userId: user.id }]);

    await service.admin('users', user);

    await waitFor('set up', async () => (await inboxRow(thin)).outcome === 'created');
    expect((await stored(customer)).notifications).toHaveLength(3);
  });

  it('of a connected account are fetched in its name', async () => {
    const { customer, thin } = await aCreation();
    stripe.put(customer, 'acct_1');

    await service.deliver({ ...thin, context: 'acct_1' });

    expect(await decided(thin)).toMatchObject({ outcome: 'created' });
    const request = stripe.requests.find(({ path }) => path.endsWith(customer.id));
    expect(request?.headers['stripe-context']).toBe('acct_1');
  });

  it.each([
    ['missing', undefined, 'missing_related_object'],
    ['null', null, 'missing_related_object'],
    ['no object', 'cus_1', 'missing_related_object'],
    ['without an id', { type: 'customer' }, 'missing_related_object'],
    ['no customer', { id: 'in_1', type: 'invoice' }, 'invalid_related_object'],
    ['a customer without its prefix', { id: 'in_1', type: 'customer' }, 'invalid_customer_id'],
    ['a customer with a path', { id: 'cus_1/../x', type: 'customer' }, 'invalid_customer_id'],
  ])('are rejected when their related object is %s', async (_, related, errorCode) => {
    const thin = aThinEvent('cus_1', { related_object: related });

    const { status, body } = await service.deliver(thin);

    expect(status).toBe(200);
    expect(body).toMatchObject({ success: false, error: expect.stringMatching(/^Invalid thin event: /) });
    expect(await inboxRow(thin)).toMatchObject({ outcome: 'rejected', errorCode });
  });
});

describe('thin events that cannot be fetched yet', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    service = await TestApp.start({ env: { STRIPE_API_URL: stripe.url } });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  it('are stored once with one job after several deliveries', async () => {
    const thin = aThinEvent(aCustomer().id);

    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push((await service.deliver(thin)).body);

    expect(answers).toEqual([FETCHING, FETCHING, FETCHING]);
    expect(await service.database.count('webhook_events', `stripe_event_id = '${thin.id}'`)).toBe(1);
    const jobs = (await queuedJobs(service.database, TASK)).filter(({ payload }) =>
      payload.some(({ stripeEventId }) => stripeEventId === thin.id),
    );
    expect(jobs).toHaveLength(1);
  });

  it.each([
    ['there is no key', {}, false],
    ['the key is for the other mode', { STRIPE_SECRET_KEY: 'sk_test_x' }, true],
  ])('stay unchanged while %s; they are set up when delivered again with a key', async (_, env, livemode) => {
    const { database } = service;
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    stripe.put(customer);
    const thin = aThinEvent(customer.id, { livemode });
    const api = { STRIPE_API_URL: stripe.url };
    const keyless = await TestApp.start({ database, jobs: true, env: { ...api, ...env } });
    await keyless.deliver(thin);
    await waitFor('job done', async () => (await queuedJobs(database, TASK)).length === 0);
    await keyless.stop();
    expect((await service.admin(`webhook-events/${thin.id}`)).body.outcome).toBe('fetching');
    expect(stripe.fetchesOf(customer.id)).toBe(0);

    const STRIPE_SECRET_KEY = livemode ? 'sk_live_x' : 'sk_test_x';
    const keyed = await TestApp.start({ database, jobs: true, env: { ...api, STRIPE_SECRET_KEY } });
    await keyed.deliver(thin);

    await waitFor('set up', async () => {
      const { body } = await service.admin(`webhook-events/${thin.id}`);
      return body.outcome === 'created';
    });
    await keyed.stop();
  });
});

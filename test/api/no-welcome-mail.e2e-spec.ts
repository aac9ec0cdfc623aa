import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aThinEvent, aUser, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** The section of the runbook with the same name: two calls explain every case. */
describe('"I got no welcome mail"', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true, env: { STRIPE_SECRET_KEY: 'sk_test_x' } });
  });
  afterAll(() => service.stop());

  /** The first call, with the person's address. */
  async function search(email: string): Promise<Fields[]> {
    const { status, body } = await service.admin(`webhook-events?email=${encodeURIComponent(email)}`);
    expect(status).toBe(200);
    return body.items;
  }

  /** The second call, with the customer found by the first one. */
  async function view(stripeCustomerId: unknown) {
    return (await service.admin(`customers/${String(stripeCustomerId)}`)).body;
  }

  async function bothCalls(email: string) {
    const [found] = await search(email);
    return { found, view: await view(found?.stripeCustomerId) };
  }

  const welcomeOf = (seen: { notifications: Fields[] }) =>
    seen.notifications.find(({ kind, channel }) => kind === 'welcome' && channel === 'email');

  async function aStoredCustomer(fields: Fields = {}) {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, ...fields });
    const event = anEvent(customer);
    await waitFor('stored', async () => (await service.deliver(event)).status === 200);
    return customer;
  }

  async function endedWelcomeOf(email: string) {
    await waitFor('ended', async () => {
      const welcome = welcomeOf((await bothCalls(email)).view);
      return welcome?.status !== 'queued';
    });
    return welcomeOf((await bothCalls(email)).view);
  }

  it("was sent: the time and the mail server's reply are shown", async () => {
    const { email } = await aStoredCustomer();

    const welcome = await endedWelcomeOf(email);

    expect(welcome).toMatchObject({ status: 'sent', attemptLog: [{ outcome: 'accepted', smtpCode: 250 }] });
    expect((await bothCalls(email)).view.isSetUp).toBe(true);
  });

  it('was suppressed: the reason is shown', async () => {
    const email = `bounced.${Date.now()}@example.com`;
    await service.admin('suppressions', { address: email });
    await aStoredCustomer({ email });

    const welcome = await endedWelcomeOf(email);

    expect(welcome).toMatchObject({ status: 'suppressed', reason: 'suppressed_address' });
  });

  it('is the second customer of a welcomed user: the other customer is shown, and no welcome', async () => {
    const first = await aStoredCustomer();
    await endedWelcomeOf(first.email);
    const second = await aStoredCustomer({ metadata: first.metadata });

    const { view: seen } = await bothCalls(second.email);

    expect(welcomeOf(seen)).toBeUndefined();
    expect(seen.otherCustomers).toEqual([first.id]);
  });

  it('has another address in Stripe: the search finds nothing, and the customer shows the address', async () => {
    const { id, email } = await aStoredCustomer();

    expect(await search('mistyped@example.com')).toEqual([]);
    expect(await view(id)).toMatchObject({ isSetUp: true, email });
  });

  it.each<[string, Fields, Fields]>([
    [
      'was refused: its fields are wrong',
      { balance: 'much' },
      { outcome: 'rejected', errorCode: 'invalid_fields' },
    ],
    ['names no user', { metadata: {} }, { outcome: 'unmatched', errorCode: 'no_user_id' }],
    [
      'names a user who is not there yet',
      { metadata: { mingus_user_id: 'not-yet' } },
      { outcome: 'pending_user', errorCode: 'user_not_found' },
    ],
  ])('has no customer, who %s', async (_, fields, expected) => {
    const customer = aCustomer(fields);
    const event = anEvent(customer);
    await service.deliver(event);

    const calls = await bothCalls(customer.email);

    expect(calls.found).toMatchObject({ stripeEventId: event.id, ...expected });
    expect(calls.view).toMatchObject({
      stripeCustomerId: customer.id,
      isSetUp: false,
      ...expected,
      errorMessage: expect.any(String),
      events: [{ stripeEventId: event.id, email: customer.email, ...expected }],
    });
    const { body: timeline } = await service.admin(`customers/${customer.id}/timeline`);
    expect(timeline).toMatchObject({ isSetUp: false, nextCursor: null });
    expect(timeline.items).toMatchObject([{ type: 'event', what: 'customer.created', details: expected }]);
  });

  it('has an invalid address in Stripe: it is found as written', async () => {
    const customer = aCustomer({ email: ' Ada at Example.com' });
    await service.deliver(anEvent(customer));

    expect((await bothCalls('ada at example.com')).view).toMatchObject({
      stripeCustomerId: customer.id,
      errorCode: 'invalid_email',
    });
  });

  it('has another address since: the former address and a refused one lead to the customer', async () => {
    const { email: _, ...stored } = await aStoredCustomer({ email: 'former@example.com' });
    const inTheFuture = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
    const update = (email: string, seconds: number) =>
      anEvent({ ...stored, email }, { type: 'customer.updated', created: inTheFuture(seconds) });
    await service.deliver(update('present@example.com', 10));
    await service.deliver(update('Mistyped at example.com', 20));

    expect((await bothCalls('former@example.com')).view).toMatchObject({
      isSetUp: true,
      email: 'present@example.com',
    });
    const { found, view: seen } = await bothCalls('mistyped at example.com');
    expect(found).toMatchObject({ outcome: 'rejected', errorCode: 'invalid_email' });
    expect(seen).toMatchObject({ isSetUp: true, email: 'present@example.com' });
  });

  it("is still to be fetched from Stripe: the search finds nothing, and the customer's view says so", async () => {
    const customer = aCustomer();
    await service.deliver(aThinEvent(customer.id));

    expect(await search(customer.email)).toEqual([]);
    expect(await view(customer.id)).toMatchObject({ isSetUp: false, outcome: 'fetching' });
  });

  it("was erased: the search finds nothing, and the customer's view says so", async () => {
    const stored = await aStoredCustomer();
    await endedWelcomeOf(stored.email);
    const stray = aCustomer({ metadata: {} });
    await service.deliver(anEvent(stray));
    for (const { id } of [stored, stray]) await service.admin(`customers/${id}/erase`, { confirm: id });

    for (const { email } of [stored, stray]) expect(await search(email)).toEqual([]);
    expect(await view(stored.id)).toMatchObject({ isSetUp: true, erasedAt: expect.any(String), email: '' });
    expect(await view(stray.id)).toMatchObject({ isSetUp: false, errorCode: 'person_erased' });
    const dump = await service.database.dump();
    for (const { email } of [stored, stray]) expect(dump).not.toContain(email);
  });

  it('is unknown: neither the address nor the customer is found', async () => {
    expect(await search(aUser().email as string)).toEqual([]);
    expect(await view('cus_unknown')).toMatchObject({ status: 404, code: 'customer_not_found' });
  });

  it('was rejected first and set up later: both are in the timeline', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, balance: 'much' });
    await service.deliver(anEvent(customer));
    await service.deliver(anEvent({ ...customer, balance: 0 }, { type: 'customer.updated' }));

    const { body } = await service.admin(`customers/${customer.id}/timeline?limit=100`);

    expect(body.isSetUp).toBe(true);
    const events = (body.items as { type: string; details: Fields }[]).filter(({ type }) => type === 'event');
    expect(events.map(({ details }) => details.outcome)).toEqual(['created', 'rejected']);
  });
});

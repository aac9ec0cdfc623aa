import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('a second Stripe customer of one user', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** Customers of one user, delivered one after another. */
  async function customersOfOneUser(count: number) {
    const user = await service.createUser();
    const customers = Array.from({ length: count }, () => aCustomer({ metadata: user.metadata }));
    for (const customer of customers) await service.deliver(anEvent(customer));
    return { user, customers, ids: customers.map(({ id }) => id) };
  }

  /** `otherCustomers` in the customer's view. */
  const othersOf = async (id: string | undefined) =>
    (await service.admin(`customers/${id}`)).body.otherCustomers as string[];

  it('is kept and flagged, as is the first one, in the view and in the list', async () => {
    const { user, ids } = await customersOfOneUser(3);

    const expected = Object.fromEntries(ids.map((id) => [id, ids.filter((other) => other !== id)]));
    for (const id of ids) expect([id, await othersOf(id)]).toEqual([id, expected[id]]);
    const { body } = await service.admin(`customers?userId=${user.id}`);
    expect(
      Object.fromEntries(
        body.items.map(({ stripeCustomerId, otherCustomers }: Record<string, string>) => [
          stripeCustomerId,
          otherCustomers,
        ]),
      ),
    ).toEqual(expected);
  });

  it('has its own preferences, portal access and lifecycle, and no messages', async () => {
    const { user, ids } = await customersOfOneUser(2);

    const { body } = await service.admin(`customers/${ids[1]}`);

    expect(body).toMatchObject({ portalAccess: { status: 'active' }, lifecycle: { stage: 'onboarding' } });
    expect(body.notifications).toEqual([]);
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(3);
  });

  it.each([
    ['at once', {}],
    ['at once, in transactions of their own', { WEBHOOK_BATCH_MAX: '1', WEBHOOK_WRITERS: '4' }],
  ])('is not welcomed again when eight customers come %s', async (_, env) => {
    const other = await TestApp.start({ env, database: service.database, smtp: service.smtp });
    const user = await service.createUser();
    const events = Array.from({ length: 8 }, () => anEvent(aCustomer({ metadata: user.metadata })));

    const answers = await Promise.all(
      events.map((event, index) => (index % 2 === 0 ? service : other).deliver(event)),
    );
    await other.stop();

    expect(answers.map(({ status, body }) => `${status} ${body.success}`)).toEqual(Array(8).fill('200 true'));
    expect(answers.reduce((sum, { body }) => sum + body.notifications_sent, 0)).toBe(3);
    expect(await service.database.count('customers', `user_id = '${user.id}'`)).toBe(8);
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(3);
  });

  it('can result from linking, and is not welcomed again then', async () => {
    const { user, ids } = await customersOfOneUser(1);
    const unmatched = aCustomer({ metadata: {} });
    const event = anEvent(unmatched);
    await service.deliver(event);

    const { body } = await service.admin(`webhook-events/${event.id}/link`, { userId: user.id });

    expect(body.jobs).toEqual({ 'track-customer-created': 1 });
    expect(body.suppressedNotifications.toSorted()).toEqual([
      'onboarding_guide/email',
      'portal_access/email',
      'welcome/email',
    ]);
    expect(await othersOf(unmatched.id)).toEqual(ids);
  });

  it.each([
    ['unlinked', (id: string | undefined) => service.admin(`customers/${id}/unlink`, {})],
    [
      'linked to another user',
      async (id: string | undefined) =>
        service.admin(`customers/${id}/link`, { userId: (await service.createUser()).id }),
    ],
  ])('leaves no flag behind when either is %s', async (_, act) => {
    for (const index of [0, 1]) {
      const { ids } = await customersOfOneUser(2);

      await act(ids[index]);

      expect([await othersOf(ids[0]), await othersOf(ids[1])]).toEqual([[], []]);
    }
  });

  it('does not count after its deletion in Stripe, nor in the other mode', async () => {
    const { user, customers, ids } = await customersOfOneUser(2);
    await service.deliver(anEvent(customers[1], { type: 'customer.deleted' }));
    const live = aCustomer({ metadata: user.metadata, livemode: true });
    await service.deliver(anEvent(live, { livemode: true }));

    expect(await othersOf(ids[0])).toEqual([]);
    expect(await othersOf(live.id)).toEqual([]);
  });

  it('waits for its user like the first one, and one of them is welcomed', async () => {
    const user = aUser();
    const events = [1, 2].map(() => anEvent(aCustomer({ metadata: { mingus_user_id: user.id } })));
    for (const event of events) await service.deliver(event);
    await service.createUser(user);

    for (const event of events) await service.deliver(event);

    expect(await service.database.count('customers', `user_id = '${user.id}'`)).toBe(2);
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(3);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('a MINGUS user', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { STRIPE_LIVEMODE: 'false' } });
  });
  afterAll(() => service.stop());

  const erase = (id: string, confirm = id) =>
    service.admin(`users/${encodeURIComponent(id)}/erase`, { confirm });
  const canaries = async () =>
    (await service.database.dump()).split('\n').filter((line) => /canary/i.test(line));
  const announce = async (id = aUser().id) => {
    const user = { ...aUser(), id, email: `canary.${id}@example.com`, name: 'Canary Name' };
    expect((await service.admin('users', user)).status).toBe(201);
    return user;
  };

  it('who never became a customer is erased, and can be created again', async () => {
    const { id, email } = await announce();
    await service.admin('suppressions', { address: email });

    const answer = await erase(id);

    expect(answer).toMatchObject({ status: 200, body: { userId: id, stripeCustomerIds: [] } });
    expect(await canaries()).toEqual([]);
    expect((await service.admin(`users/${id}`)).status).toBe(404);
    const { body } = await service.admin(`audit-entries?objectId=${id}`);
    expect(body.items).toMatchObject([
      { action: 'user.erased', actorType: 'operator' },
      { action: 'user.created', personal: null },
    ]);
    await announce(id);
    expect((await erase(id)).status).toBe(200);
    expect(await canaries()).toEqual([]);
  });

  it('is erased with all customers, and again after MINGUS created the user again', async () => {
    const { id, email } = await announce();
    const metadata = { mingus_user_id: id };
    const customers = [1, 2].map((n) =>
      aCustomer({ metadata, email: `canary${n}.${email}`, name: 'Canary Name' }),
    );
    for (const customer of customers) await service.deliver(anEvent(customer));

    const { body } = await erase(id);

    expect(body.stripeCustomerIds.toSorted()).toEqual(customers.map((customer) => customer.id).toSorted());
    expect(await canaries()).toEqual([]);
    await announce(id);
    await erase(id);
    expect(await canaries()).toEqual([]);
  });

  it('is erased with the rejected events that named them', async () => {
    const { id } = await announce();
    const customer = aCustomer({ metadata: { mingus_user_id: id }, name: 'Canary Name' });
    const { body } = await service.deliver(anEvent(customer, { livemode: true }));
    expect(body.success).toBe(false);
    expect(await canaries()).not.toEqual([]);

    await erase(id);

    expect(await canaries()).toEqual([]);
  });

  it('whose customer was unlinked and erased is erased as well', async () => {
    const { id } = await announce();
    const customer = aCustomer({ metadata: { mingus_user_id: id } });
    await service.deliver(anEvent(customer));
    expect((await service.admin(`customers/${customer.id}/unlink`, {})).status).toBe(200);
    await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    expect((await erase(id)).status).toBe(200);
    expect(await canaries()).toEqual([]);
  });

  it.each([
    ['nobody', 'nobody', 'nobody', 404, 'user_not_found'],
    ['another confirmation', 'nobody', 'somebody', 400, 'erasure_not_confirmed'],
    ['an empty confirmation', 'nobody', '', 400, 'invalid_request'],
    ['an id that cannot be', '\u0000', '\u0000', 400, 'invalid_request'],
  ])('is not erased for %s', async (_, id, confirm, status, code) => {
    expect(await erase(id, confirm)).toMatchObject({ status, body: { code } });
  });
});

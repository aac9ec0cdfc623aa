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
  const tell = async (id = aUser().id) => {
    const user = { ...aUser(), id, email: `canary.${id}@example.com`, name: 'Canary Name' };
    expect((await service.admin('users', user)).status).toBe(201);
    return user;
  };

  it('who never became a customer is forgotten, and can be told anew', async () => {
    const { id, email } = await tell();
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
    await tell(id);
    expect((await erase(id)).status).toBe(200);
    expect(await canaries()).toEqual([]);
  });

  it('is forgotten with all customers, and again after MINGUS told of them once more', async () => {
    const { id, email } = await tell();
    const metadata = { mingus_user_id: id };
    const customers = [1, 2].map((n) =>
      aCustomer({ metadata, email: `canary${n}.${email}`, name: 'Canary Name' }),
    );
    for (const customer of customers) await service.deliver(anEvent(customer));

    const { body } = await erase(id);

    expect(body.stripeCustomerIds.toSorted()).toEqual(customers.map((customer) => customer.id).toSorted());
    expect(await canaries()).toEqual([]);
    await tell(id);
    await erase(id);
    expect(await canaries()).toEqual([]);
  });

  it('is forgotten with the events that named them and were refused', async () => {
    const { id } = await tell();
    const customer = aCustomer({ metadata: { mingus_user_id: id }, name: 'Canary Name' });
    const { body } = await service.deliver(anEvent(customer, { livemode: true }));
    expect(body.success).toBe(false);
    expect(await canaries()).not.toEqual([]);

    await erase(id);

    expect(await canaries()).toEqual([]);
  });

  it('whose customer was unlinked and erased is forgotten as well', async () => {
    const { id } = await tell();
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

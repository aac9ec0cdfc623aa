import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const CANARY = { name: 'Canary Name', phone: '+1 canary' };

describe('a person with events that led to no customer', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  const erase = (id: string) => service.admin(`customers/${id}/erase`, { confirm: id });
  const canaries = async () =>
    (await service.database.dump()).split('\n').filter((line) => /canary/i.test(line));
  const outcomesOf = (id: string) =>
    service.database.rows<{ outcome: string; code: string }>(
      `select distinct outcome, error_code as code from webhook_events where stripe_customer_id = $1`,
      [id],
    );

  it.each<[string, Fields]>([
    ['named no user', { metadata: {} }],
    ['named a user who is not there', { metadata: { mingus_user_id: 'nobody-yet' } }],
    ['were refused', { email: 'canary, no address' }],
    ['were refused with an address', { email: 'canary@example.com', balance: 'much' }],
  ])('can get and erase the stored data, which are not stored again: they %s', async (_, fields) => {
    const customer = aCustomer({ ...CANARY, ...fields });
    const created = anEvent(customer);
    await service.deliver(created);
    const { body } = await service.admin(`customers/${customer.id}/export`);
    expect(JSON.stringify(body)).toContain('Canary Name');

    const { status, body: erasure } = await erase(customer.id);

    expect(status).toBe(200);
    expect(await canaries()).toEqual([]);
    const user = aUser();
    await service.admin('users', user);
    const known = { ...customer, email: 'new@example.com', metadata: { mingus_user_id: user.id } };
    for (const event of [created, anEvent(known), anEvent(known, { type: 'customer.updated' })])
      expect((await service.deliver(event)).status).toBe(200);
    expect(await canaries()).toEqual([]);
    expect(await outcomesOf(customer.id)).toEqual([{ outcome: 'rejected', code: 'person_erased' }]);
    expect(await service.database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(0);
    const audited = `action = 'customer.erased' and object_id = '${customer.id}'`;
    expect((await erase(customer.id)).body.stripeCustomerId).toBe(erasure.stripeCustomerId);
    expect(await service.database.count('audit_entries', audited)).toBe(1);
  });

  it('is erased with the rejected events of a stored customer, before and after', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const refused = () => anEvent({ ...customer, ...CANARY, email: 'none' }, { type: 'customer.updated' });
    await service.deliver(anEvent(customer));
    await service.deliver(refused());
    expect(await canaries()).not.toEqual([]);

    expect((await erase(customer.id)).status).toBe(200);
    await service.deliver(refused());

    expect(await canaries()).toEqual([]);
  });

  it('is erased permanently, even if only the decision is still stored', async () => {
    const customer = aCustomer({ ...CANARY, metadata: {} });
    await service.deliver(anEvent(customer));
    await service.database.rows('update webhook_events set body = null where stripe_customer_id = $1', [
      customer.id,
    ]);

    expect((await erase(customer.id)).status).toBe(200);
    const user = await service.createUser();
    await service.deliver(anEvent({ ...customer, metadata: user.metadata }));

    expect(await canaries()).toEqual([]);
    expect(await outcomesOf(customer.id)).toEqual([{ outcome: 'rejected', code: 'person_erased' }]);
  });

  it('is erased again after an event that led to no customer', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    await erase(customer.id);
    await service.deliver(anEvent({ ...customer, ...CANARY, email: 'none' }, { livemode: true }));
    const first = await canaries();

    expect((await erase(customer.id)).status).toBe(200);

    expect(first).not.toEqual([]);
    expect(await canaries()).toEqual([]);
  });

  it('is erased in test mode and in live mode', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ ...CANARY, metadata });
    for (const livemode of [true, false]) await service.deliver(anEvent(customer, { livemode }));
    expect(await service.database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(2);

    expect((await erase(customer.id)).status).toBe(200);

    expect(await canaries()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

let service: TestApp;

beforeAll(async () => {
  service = await TestApp.start({ jobs: true });
});
afterAll(() => service.stop());

const anAddress = () => aCustomer().email;
const suppress = (address: string, fields = {}) => service.admin('suppressions', { address, ...fields });

/** Onboards a customer and waits until its notifications have ended. */
async function onboard(email: string): Promise<{ status: string; reason: string | null }[]> {
  const { metadata } = await service.createUser();
  const customer = aCustomer({ metadata, email });
  await service.deliver(anEvent(customer));
  return waitFor('each ended', async () => {
    const { body } = await service.admin(`customers/${customer.id}`);
    const notifications: { status: string; reason: string | null }[] = body.notifications;
    return notifications.every(({ status }) => status !== 'queued') ? notifications : null;
  });
}

describe('a suppressed address', () => {
  it('gets no mail, and the notification says why', async () => {
    const address = anAddress();
    await suppress(address);

    const notifications = await onboard(address);

    for (const { status, reason } of notifications) {
      expect({ status, reason }).toEqual({ status: 'suppressed', reason: 'suppressed_address' });
    }
    expect(service.smtp.to(address)).toEqual([]);
  });

  it('is recognised in another spelling', async () => {
    const local = anAddress().split('@')[0];
    await suppress(`${local}@JÕGEVA.example`);

    const notifications = await onboard(`${local?.toUpperCase()}@xn--jgeva-dua.example`);

    expect(notifications.map(({ reason }) => reason)).toEqual(Array(3).fill('suppressed_address'));
  });

  it('gets mail again after its removal from the list', async () => {
    const address = anAddress();
    const { body } = await suppress(address);

    const removed = await service.admin(`suppressions/${body.id}`, undefined, 'DELETE');

    expect(removed.status).toBe(204);
    await onboard(address);
    expect(service.smtp.to(address)).toHaveLength(3);
    const { body: audit } = await service.admin(`audit-entries?objectId=${body.id}`);
    expect(audit.items).toMatchObject([
      { action: 'address_suppression.removed', actorType: 'operator', personal: { address } },
      {
        action: 'address_suppression.added',
        actorType: 'operator',
        personal: { address },
        details: { reason: 'manual' },
      },
    ]);
  });

  it('gets mail again after the suppression has expired', async () => {
    const address = anAddress();
    const { body } = await suppress(address, { expiresAt: '2099-01-01T00:00:00Z' });
    await service.database.rows(`update suppressions set expires_at = now() where id = $1`, [body.id]);

    await onboard(address);

    expect(service.smtp.to(address)).toHaveLength(3);
  });

  it('stays suppressed for the longest of the requested times', async () => {
    const address = anAddress();
    await suppress(address, { expiresAt: '2098-01-01T00:00:00Z' });
    await suppress(address, { expiresAt: '2099-01-01T00:00:00Z' });

    const shorter = await suppress(address, { expiresAt: '2097-01-01T00:00:00Z' });

    expect(shorter.body.expiresAt).toBe('2099-01-01T00:00:00.000Z');
    expect((await suppress(address)).body.expiresAt).toBeNull();
    const { body } = await service.admin(`suppressions?address=${encodeURIComponent(address.toUpperCase())}`);
    expect(body.items).toHaveLength(1);
  });
});

describe('a request about suppressions is refused', () => {
  it.each([
    ['without an address', {}],
    ['with an address that is none', { address: 'ada' }],
    ['with two addresses', { address: 'ada@example.com, eve@example.com' }],
    ['with a header of its own', { address: 'ada@example.com\r\nBcc: eve@example.com' }],
    ['with an address of 300 characters', { address: `${'a'.repeat(300)}@example.com` }],
    ['with a list', { address: ['ada@example.com'] }],
    ['with a time in the past', { address: 'ada@example.com', expiresAt: '2020-01-01T00:00:00Z' }],
    ['with a time that is none', { address: 'ada@example.com', expiresAt: 'soon' }],
    ['with an unknown field', { address: 'ada@example.com', reason: 'complaint' }],
  ])('%s', async (_, body) => {
    expect(await service.admin('suppressions', body)).toMatchObject({ status: 400 });
  });

  it.each([
    ['of an unknown id', 'suppressions/01900000-0000-7000-8000-000000000000', 404],
    ['of an id that is none', 'suppressions/1', 400],
  ])('when it removes one %s', async (_, path, status) => {
    expect((await service.admin(path, undefined, 'DELETE')).status).toBe(status);
  });

  it.each(['reason=spam', 'address=ada', 'limit=1000'])('when it lists by %s', async (query) => {
    expect((await service.admin(`suppressions?${query}`)).status).toBe(400);
  });
});

describe('an international address', () => {
  it('is in the personal data with its suppression, in any spelling from Stripe', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, email: `Zoe.${Date.now()}@jõgeva.example` });
    await service.deliver(anEvent(customer));
    await suppress(customer.email);

    const { body } = await service.admin(`customers/${customer.id}/export`);

    expect(body.tables.suppressions).toMatchObject([{ reason: 'manual' }]);
  });
});

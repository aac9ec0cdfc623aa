import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEvent } from '../support/builders.js';
import { PortalTest } from '../support/portal.js';

describe('access to the portal', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start();
  });
  afterAll(() => test.stop());

  const act = (id: string, what: string, body: unknown = { reason: 'Asked by phone' }) =>
    test.service.admin(`customers/${id}/portal-access/${what}`, body);
  const permissions = (id: string, body: unknown) =>
    test.patch(`customers/${id}/portal-access/permissions`, body);

  it.each([
    ['suspend', 'suspended'],
    ['revoke', 'revoked'],
  ])(
    'can be ended (%s): mailed links stop working permanently, a later grant is for new links',
    async (what, status) => {
      const { customer, link } = await test.onboardWithLink();

      expect((await act(customer.id, what)).body).toMatchObject({ status });
      for (const answer of [await test.visit(link), await test.submit(link)]) expect(answer.status).toBe(403);

      const granted = await act(customer.id, 'grant');
      expect(granted.body).toMatchObject({ status: 'active' });
      expect((await test.submit(link)).status).toBe(410);
      await test.submit('/portal/links', { email: customer.email });
      const fresh = await test.mailedLink(customer.email, 'Your link to the MINGUS billing portal');
      expect((await test.submit(fresh)).status).toBe(303);
      expect(test.sessionsOf(customer)).toHaveLength(1);
    },
  );

  it('has permissions that decide what the portal shows', async () => {
    const { customer, link } = await test.onboardWithLink();

    const changed = await permissions(customer.id, { cancelSubscription: false, reason: 'Annual contract' });

    expect(changed.status).toBe(200);
    expect(changed.body.permissions).toEqual({
      viewInvoices: true,
      updatePaymentMethod: true,
      updateBillingDetails: true,
      cancelSubscription: false,
    });
    await test.submit(link);
    const configuration = test.sessionsOf(customer)[0]?.params.configuration ?? '';
    expect(test.portal.configurations.get(configuration)).toMatchObject({
      'features[subscription_cancel][enabled]': 'false',
      'features[invoice_history][enabled]': 'true',
    });
  });

  it('is audited with reason, before and after', async () => {
    const customer = await test.onboard();
    await act(customer.id, 'suspend', { reason: 'Chargeback' });
    await permissions(customer.id, { viewInvoices: false, reason: 'On request' });

    const { body } = await test.service.admin(`audit-entries?objectId=${customer.id}`);

    expect(body.items.slice(0, 2)).toMatchObject([
      {
        action: 'portal_access.permissions_changed',
        actorType: 'operator',
        personal: { reason: 'On request' },
        details: {
          before: { permissions: { viewInvoices: true } },
          after: { permissions: { viewInvoices: false } },
        },
      },
      {
        action: 'portal_access.suspended',
        personal: { reason: 'Chargeback' },
        details: { before: { status: 'active' }, after: { status: 'suspended' } },
      },
    ]);
    expect((await test.service.admin(`customers/${customer.id}/portal-access`)).body.status).toBe(
      'suspended',
    );
  });

  it('is not changed to its current state, nor suspended after it was revoked: 409 and no audit entry', async () => {
    const customer = await test.onboard();
    const unchanged = [
      await act(customer.id, 'grant'),
      await permissions(customer.id, { viewInvoices: true, reason: 'x' }),
      await permissions(customer.id, { reason: 'x' }),
    ];
    for (const { status, body } of unchanged) {
      expect([status, body.code]).toEqual([409, 'portal_access_unchanged']);
    }
    await act(customer.id, 'revoke');

    expect((await act(customer.id, 'suspend')).body.code).toBe('portal_access_revoked');
    const { body } = await test.service.admin(`audit-entries?objectId=${customer.id}`);
    const actions = body.items.map(({ action }: { action: string }) => action);
    expect(actions.filter((action: string) => action.startsWith('portal_access'))).toEqual([
      'portal_access.revoked',
    ]);
  });

  it('of a deleted customer is never granted again', async () => {
    const { userId: _userId, ...customer } = await test.onboard();
    await test.service.deliver(anEvent(customer, { type: 'customer.deleted' }));

    const answer = await act(customer.id, 'grant');

    expect([answer.status, answer.body.code]).toEqual([409, 'customer_deleted']);
  });

  it('changes once when operators act together', async () => {
    const customer = await test.onboard();

    const answers = await Promise.all(Array.from({ length: 8 }, () => act(customer.id, 'suspend')));

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)]);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['a list', []],
    ['an empty reason', { reason: '' }],
    ['a blank reason', { reason: '   ' }],
    ['a reason of 501 characters', { reason: 'x'.repeat(501) }],
    ['a reason of two lines', { reason: 'a\nb' }],
    ['a reason with a NUL', { reason: 'a\u0000b' }],
    ['a reason with half a surrogate pair', { reason: 'a\ud800b' }],
    ['a reason that is an object', { reason: {} }],
    ['an unknown field', { reason: 'x', status: 'active' }],
  ])('is not changed with %s: 400', async (_, body) => {
    for (const what of ['grant', 'suspend', 'revoke']) {
      expect((await act('cus_nobody', what, body)).status).toBe(400);
    }
    expect((await permissions('cus_nobody', body)).status).toBe(400);
  });

  it.each<[string, unknown]>([
    ['a permission that is a text', { reason: 'x', viewInvoices: 'false' }],
    ['a permission that is a number', { reason: 'x', viewInvoices: 0 }],
    ['an unknown permission', { reason: 'x', deleteEverything: true }],
  ])('is not changed with %s: 400', async (_, body) => {
    expect((await permissions('cus_nobody', body)).status).toBe(400);
  });

  it('of an unknown customer is 404', async () => {
    const answers = [
      await test.service.admin('customers/cus_nobody/portal-access'),
      await act('cus_nobody', 'grant'),
      await permissions('cus_nobody', { reason: 'x', viewInvoices: true }),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([404, 'customer_not_found']);
  });
});

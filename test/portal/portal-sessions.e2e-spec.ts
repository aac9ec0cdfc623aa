import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { PortalTest } from '../support/portal.js';
import { ADMIN_KEY, SERVICE_KEY, TestApp, request } from '../support/test-app.js';

describe('a portal session for a user who is logged in to MINGUS', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start();
  });
  afterAll(() => test.stop());

  const open = (userId: string, body: unknown = {}, key?: string) =>
    test.asMingus(`/users/${userId}/portal-sessions`, body, key);

  it('is opened at once, leads back to MINGUS, and counts as a visit', async () => {
    const customer = await test.onboard();

    const answer = await open(customer.userId, { returnUrl: 'https://app.mingus.test/settings?tab=plan' });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [session] = test.sessionsOf(customer);
    expect(answer.body).toEqual({ url: session?.url });
    expect(session?.params.return_url).toBe('https://app.mingus.test/settings?tab=plan');
    const { body: view } = await test.service.admin(`customers/${customer.id}`);
    expect(view.portalAccess.firstAccessedAt).toEqual(expect.any(String));
    expect(view.lifecycle.milestones.portal_accessed).toEqual(expect.any(String));
  });

  it.each([
    ['https://app.mingus.test\\@evil.test/', 'https://app.mingus.test/@evil.test/'],
    [' https:app.mingus.test/\r\nX: y', 'https://app.mingus.test/X:%20y'],
  ])('sends Stripe a return URL that all parsers read alike: %j', async (returnUrl, handed) => {
    const customer = await test.onboard();

    expect((await open(customer.userId, { returnUrl })).status).toBe(201);

    expect(test.sessionsOf(customer)[0]?.params.return_url).toBe(handed);
  });

  it('is for the first customer with access, or for the given one', async () => {
    const first = await test.onboard();
    const second = aCustomer({ metadata: first.metadata });
    test.stripe.put(second);
    await test.service.deliver(anEvent(second));

    await open(first.userId);
    await open(first.userId, { stripeCustomerId: second.id });
    await test.service.admin(`customers/${first.id}/portal-access/suspend`, { reason: 'x' });
    await open(first.userId);

    expect([test.sessionsOf(first).length, test.sessionsOf(second).length]).toEqual([1, 2]);
  });

  it('is 404 alike for unknown users, users without a customer, customers of others and deleted ones', async () => {
    const customer = await test.onboard();
    const { id: without } = await test.service.createUser();
    const { userId: deleted, ...object } = await test.onboard();
    await test.service.deliver(anEvent(object, { type: 'customer.deleted' }));

    const answers = [
      await open('nobody'),
      await open(without),
      await open(without, { stripeCustomerId: customer.id }),
      await open(deleted),
    ];

    expect(answers[0]?.status).toBe(404);
    for (const { status, body } of answers)
      expect({ status, body }).toEqual({ status: 404, body: answers[0]?.body });
  });

  it('is 409 while the access is suspended, and 503 while Stripe is down', async () => {
    const customer = await test.onboard();
    test.stripe.failNext(500);
    const down = await open(customer.userId);
    await test.service.admin(`customers/${customer.id}/portal-access/suspend`, { reason: 'x' });
    const suspended = await open(customer.userId);

    expect([down.status, down.body.code]).toEqual([503, 'portal_unavailable']);
    expect([suspended.status, suspended.body.code]).toEqual([409, 'portal_access_not_active']);
  });

  it.each([
    'https://evil.test/',
    'https://app.mingus.test.evil.test/',
    'https://app.mingus.test@evil.test/',
    'https://user:pass@app.mingus.test/',
    'http://app.mingus.test/',
    'https://app.mingus.test:8443/',
    '//evil.test',
    '/settings',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://app.mingus.test/x',
    '',
  ])('never leads back to %s', async (returnUrl) => {
    const answer = await open('nobody', { returnUrl });

    expect([answer.status, answer.body.code]).toEqual([400, 'return_url_not_allowed']);
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['a return URL that is an object', { returnUrl: {} }],
    ['a return URL of 2001 characters', { returnUrl: `https://app.mingus.test/${'x'.repeat(1977)}` }],
    ['a customer that is none', { stripeCustomerId: 'sub_1' }],
    ['a customer that is a list', { stripeCustomerId: ['cus_1'] }],
    ['an unknown field', { locale: 'es' }],
  ])('is refused with %s', async (_, body) => {
    expect((await open('nobody', body)).status).toBe(400);
  });

  it.each([
    ['none', undefined, 401],
    ['the admin key', ADMIN_KEY, 403],
    ['a wrong one', `${SERVICE_KEY}x`, 401],
    ['an empty one', '', 401],
  ])('needs the service key, not %s', async (_, key, status) => {
    const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
    const answer = await request(`${test.service.url}/users/nobody/portal-sessions`, {
      method: 'POST',
      headers,
    });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });

  it('does not let the service key into the admin API', async () => {
    const headers = { authorization: `Bearer ${SERVICE_KEY}` };
    expect((await request(`${test.service.url}/admin/customers`, { headers })).status).toBe(403);
  });
});

describe('without a service key', () => {
  it('the routes of MINGUS are closed', async () => {
    const service = await TestApp.start({ env: { SERVICE_API_KEY: '' } });
    try {
      for (const key of ['', 'undefined', SERVICE_KEY]) {
        const headers = { authorization: `Bearer ${key}` };
        const { status } = await request(`${service.url}/users/x/portal-sessions`, {
          method: 'POST',
          headers,
        });
        expect(status).toBe(401);
      }
    } finally {
      await service.stop();
    }
  });
});

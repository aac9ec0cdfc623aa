import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { ADMIN_KEY, type Answer, request, TestApp } from '../support/test-app.js';

const UNKNOWN_UUID = '01990000-0000-7000-8000-000000000000';
const LISTS = ['customers', 'webhook-events', 'notifications', 'audit-entries', 'webhook-event-replays'];

interface ApiDocument {
  paths: Record<string, Record<string, unknown>>;
}

describe('the admin API', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** Every admin route of the API document, with values for its parameters. */
  async function adminRoutes(): Promise<{ method: string; path: string }[]> {
    const { body } = await request(`${service.url}/docs-json`, {});
    return Object.entries((body as ApiDocument).paths)
      .filter(([path]) => path.startsWith('/admin'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          method: method.toUpperCase(),
          path: path.replaceAll(/\{[^}]+\}/g, UNKNOWN_UUID),
        })),
      );
  }

  function expectProblem({ status, headers, body }: Answer, expected: Fields) {
    expect(body).toMatchObject({ type: 'about:blank', title: expect.any(String), status, ...expected });
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  }

  it.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['a wrong key', { authorization: `Bearer ${ADMIN_KEY}x` }],
    ['half of the key', { authorization: `Bearer ${ADMIN_KEY.slice(0, -1)}` }],
    ['another case', { authorization: `Bearer ${ADMIN_KEY.toUpperCase()}` }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Token ${ADMIN_KEY}` }],
    ['the key alone', { authorization: ADMIN_KEY }],
    ['a key in the wrong header', { 'x-api-key': ADMIN_KEY }],
  ])('refuses every route of its document with 401: %s', async (_, headers) => {
    const routes = await adminRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(10);

    for (const { method, path } of routes) {
      const answer = await request(`${service.url}${path}`, { method, headers });

      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expectProblem(answer, { code: 'unauthorized' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it.each([
    `notifications/${UNKNOWN_UUID}/resend`,
    'webhook-events/evt_unknown/replay',
    `api-keys/${UNKNOWN_UUID}/rotate`,
  ])('takes no body where the document says that none is required: %s', async (path) => {
    expect((await service.admin(path, undefined, 'POST')).status).toBe(404);
  });

  it('answers no route of its document with 5xx, with any value of its parameters', async () => {
    for (const { path } of await adminRoutes()) {
      for (const value of ['%00', '%FF', '..%2f..', "'%20or%20true--", '%F0%9F%98%80', 'x'.repeat(600)]) {
        const url = `${service.url}${path.replace(UNKNOWN_UUID, value)}?cursor=${value}`;
        const { status } = await request(url, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });

        expect([url, status < 500]).toEqual([url, true]);
      }
    }
  });

  it.each([
    [`users/nobody`, 'user_not_found'],
    [`users/nobody/arrived`, 'user_not_found'],
    ['customers/cus_nobody', 'customer_not_found'],
    ['webhook-events/evt_nothing', 'webhook_event_not_found'],
    ['webhook-events/evt_nothing/replay', 'webhook_event_not_found'],
    [`notifications/${UNKNOWN_UUID}`, 'notification_not_found'],
    [`webhook-event-replays/${UNKNOWN_UUID}`, 'replay_not_found'],
    [`webhook-event-replays/${UNKNOWN_UUID}/cancel`, 'replay_not_found'],
  ])('answers 404 to the unknown: %s', async (path, code) => {
    const answer = await service.admin(path, /\/(arrived|replay|cancel)$/.test(path) ? {} : undefined);

    expect(answer.status).toBe(404);
    expectProblem(answer, { code });
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=101',
    'limit=abc',
    'limit=1.5',
    'limit=',
    'limit=1&limit=2',
    'limit=1e400',
    'page=2',
    'order=id;drop',
    'cursor=abc',
    'cursor=',
    'cursor=1%27or%271',
    'cursor[]=x',
  ])('refuses the query %s on every list', async (query) => {
    for (const list of LISTS) {
      const answer = await service.admin(`${list}?${query}`);

      expect([list, answer.status]).toEqual([list, 400]);
      expectProblem(answer, {
        code: 'invalid_request',
        errors: expect.arrayContaining([expect.any(String)]),
      });
    }
  });

  it.each([
    'customers?email=nobody',
    `customers?userId=${'x'.repeat(65)}`,
    'customers?userId=',
    'webhook-events?outcome=lost',
    'webhook-events?outcome=created&outcome=rejected',
    'webhook-events?receivedFrom=yesterday',
    'webhook-events?receivedFrom=-200000-01-01T00:00:00Z',
    'webhook-events?receivedBefore=2030-13-01',
    `webhook-events?type=${'x'.repeat(256)}`,
    'webhook-events?type=%00',
    'notifications?status=lost',
    'notifications?kind=spam',
    'notifications?customerId=7',
    'notifications/7',
    'audit-entries?customerId=7',
    'audit-entries?objectId=a%20b',
    'analytics/daily?from=yesterday',
    'analytics/daily?from=2030-02-30',
    'analytics/daily?from=0000-01-01',
    'analytics/daily?to=2030-W01-1',
    'analytics/daily?since=2030-01-01',
  ])('refuses the query %s', async (path) => {
    const answer = await service.admin(path);

    expect(answer.status).toBe(400);
    expectProblem(answer, { code: expect.any(String) });
  });

  it('creates a user and shows it', async () => {
    const user = aUser({ createdAt: '2024-05-06T07:08:09.000Z' });

    const created = await service.admin('users', user);

    expect(created.status).toBe(201);
    expect(created.body).toEqual(user);
    expect((await service.admin(`users/${user.id}`)).body).toEqual(user);
  });

  it('refuses a second user with the same id with 409, also in parallel', async () => {
    const user = aUser();

    const answers = await Promise.all(Array.from({ length: 8 }, () => service.admin('users', user)));

    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(409)]);
    expectProblem(answers.find(({ status }) => status === 409) as Answer, { code: 'user_exists' });
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['a list', []],
    ['a text', 'user'],
    ['null', null],
    ['no id', aUser({ id: undefined })],
    ['an empty id', aUser({ id: '' })],
    ['an id of 65 characters', aUser({ id: 'x'.repeat(65) })],
    ['an id with space around it', aUser({ id: ' x ' })],
    ['an id with a NUL', aUser({ id: 'a\u0000b' })],
    ['an id with a line break', aUser({ id: 'a\nb' })],
    ['an id with a lone surrogate', aUser({ id: 'a\ud800b' })],
    ['an address with a lone surrogate', aUser({ email: 'a\ud800@example.com' })],
    ['a numeric id', aUser({ id: 7 })],
    ['an id that is a list', aUser({ id: ['x'] })],
    ['no email', aUser({ email: undefined })],
    ['an invalid email', aUser({ email: 'nobody' })],
    ['two emails', aUser({ email: 'a@example.com,b@example.com' })],
    ['an empty name', aUser({ name: '' })],
    ['a name of 201 characters', aUser({ name: 'x'.repeat(201) })],
    ['a name that is an object', aUser({ name: {} })],
    ['a time that is none', aUser({ createdAt: 'yesterday' })],
    ['a time before the calendar', aUser({ createdAt: '-200000-01-01T00:00:00Z' })],
    ['a time after the calendar', aUser({ createdAt: '+200000-01-01T00:00:00Z' })],
    ['a time that is an object', aUser({ createdAt: {} })],
    ['an unknown field', aUser({ role: 'admin' })],
  ])('refuses a user with %s: 400, nothing stored', async (_, body) => {
    const before = await service.database.count('users');

    const answer = await service.admin('users', body);

    expect(answer.status).toBe(400);
    expectProblem(answer, { code: 'invalid_request' });
    expect(await service.database.count('users')).toBe(before);
  });

  it.each([
    ['malformed JSON', 400, 'application/json', '{"id":'],
    ['an empty body', 400, 'application/json', ''],
    ['a __proto__ key', 400, 'application/json', '{"__proto__":{"role":"admin"}}'],
    ['a constructor key', 400, 'application/json', '{"constructor":{"prototype":{}}}'],
    ['a form', 415, 'application/x-www-form-urlencoded', 'id=1'],
    ['XML', 415, 'application/xml', '<id>1</id>'],
    ['a text', 415, 'text/plain', '{}'],
    ['more than 512 KB', 413, 'application/json', JSON.stringify({ id: 'x'.repeat(513 * 1024) })],
  ])('answers %s with %i problem details', async (_, status, contentType, body) => {
    const answer = await request(`${service.url}/admin/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': contentType },
      body,
    });

    expect(answer.status).toBe(status);
    expectProblem(answer, {});
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\bat .+:\d+|select|insert/i);
  });

  it('finds a customer by its exact id only', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));

    for (const id of [
      customer.id.toUpperCase(),
      `${customer.id}%25`,
      `${customer.id.slice(0, -1)}_`,
      '%25',
    ]) {
      expect((await service.admin(`customers/${id}`)).status).toBe(404);
    }
    expect((await service.admin(`customers/${customer.id}`)).status).toBe(200);
  });
});

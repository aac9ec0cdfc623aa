import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

describe('a request to link', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** The link routes, for a waiting event and for a customer. */
  async function theRoutes(): Promise<string[]> {
    const waiting = anEvent(aCustomer({ metadata: {} }));
    const customer = aCustomer({ metadata: (await service.createUser()).metadata });
    for (const event of [waiting, anEvent(customer)]) await service.deliver(event);
    return [`webhook-events/${waiting.id}/link`, `customers/${customer.id}/link`];
  }

  it.each<[string, unknown]>([
    ['no user', {}],
    ['a list', []],
    ['a text', 'user'],
    ['null', null],
    ['a user that is null', { userId: null }],
    ['an empty user', { userId: '' }],
    ['a user of 65 characters', { userId: 'x'.repeat(65) }],
    ['a numeric user', { userId: 7 }],
    ['a list of users', { userId: ['x'] }],
    ['an object for a user', { userId: { id: 'x' } }],
    ['a user with a NUL', { userId: 'a\u0000b' }],
    ['an unknown field', { userId: 'x', dryRun: true }],
  ])('with %s is refused: 400, nothing changed', async (_, body) => {
    for (const route of await theRoutes()) {
      const { result, added } = await rowsAddedBy(service.database, () => service.admin(route, body));

      expect([route, result.status, result.body.code]).toEqual([route, 400, 'invalid_request']);
      expect(added).toEqual({});
    }
  });

  it.each([
    ['unknown', () => aUser().id],
    ['half a surrogate pair', () => 'a\ud800b'],
    ['a pattern', () => '%'],
    ['the id in other letters', async () => (await service.createUser()).id.toUpperCase()],
  ])('for a user who is %s is answered 404, nothing changed', async (_, userIdOf) => {
    const userId = await userIdOf();
    for (const route of await theRoutes()) {
      const { result, added } = await rowsAddedBy(service.database, () => service.admin(route, { userId }));

      expect([route, result.status, result.body.code]).toEqual([route, 404, 'user_not_found']);
      expect(added).toEqual({});
    }
  });

  it.each([
    ['webhook-events/evt_nothing/link', 'webhook_event_not_found'],
    ['webhook-events/%00/link', undefined],
    ['customers/cus_nobody/link', 'customer_not_found'],
    ['customers/cus_nobody/unlink', 'customer_not_found'],
  ])('to %s is answered 4xx', async (route, code) => {
    const { id: userId } = await service.createUser();

    const { status, body } = await service.admin(route, { userId });

    expect(Math.floor(status / 100)).toBe(4);
    if (code) expect({ status, code: body.code }).toEqual({ status: 404, code });
  });
});

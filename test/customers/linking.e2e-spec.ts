import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

const CREATED_AT = 1_790_000_000;
const { webhook_events: _, ...ROWS_BESIDES_THE_EVENT } = ROWS_OF_A_CUSTOMER;

describe('an event that is linked to a user', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const link = (event: { id: string }, userId: unknown) =>
    service.admin(`webhook-events/${event.id}/link`, { userId });
  const inboxRow = async (event: { id: string }) => (await service.admin(`webhook-events/${event.id}`)).body;
  const stored = async (id: string) => (await service.admin(`customers/${id}`)).body;

  /** The events of one customer, in the order of their times. */
  function eventsOf(customer: Fields, ...types: string[]) {
    return types.map((type, second) =>
      anEvent({ ...customer, name: `Ada ${second}` }, { type, created: CREATED_AT + second }),
    );
  }

  /** A customer without a user id, with its delivered events, and a user to link it to. */
  async function anUnmatched(...types: string[]) {
    const customer = aCustomer({ metadata: {} });
    const events = eventsOf(customer, 'customer.created', ...types);
    for (const event of events) await service.deliver(event);
    return { customer, events, event: events[0] as (typeof events)[0], user: await service.createUser() };
  }

  it.each([
    ['unmatched', {}, null],
    ['pending_user', { mingus_user_id: 'nobody-yet' }, 'nobody-yet'],
  ])(
    'is set up if it was %s, with one audit entry that holds the user id it named',
    async (before, metadata, named) => {
      const customer = aCustomer({ metadata });
      const event = anEvent(customer);
      await service.deliver(event);
      const { id: userId } = await service.createUser();

      const { result, added } = await rowsAddedBy(service.database, () => link(event, userId));

      expect(result.status).toBe(200);
      expect(result.body).toEqual({
        stripeEventId: event.id,
        userId,
        outcomeBefore: before,
        outcome: 'created',
        errorCode: null,
        rows: expect.objectContaining({ customers: 1, notifications: 3, webhook_events: 1 }),
        jobs: { 'deliver-notification': 3, 'track-customer-created': 1 },
        suppressedNotifications: [],
        waiting: [],
      });
      expect(added).toEqual({ ...ROWS_BESIDES_THE_EVENT, audit_entries: 2 });
      expect(await stored(customer.id)).toMatchObject({ userId, user: { id: userId }, metadata });
      expect(await inboxRow(event)).toMatchObject({
        outcome: 'created',
        errorCode: null,
        mingusUserId: userId,
      });
      const entries = await service.database.rows(
        `select actor_type, source, object_type, details from audit_entries
       where object_id = $1 and action = 'webhook_event.linked'`,
        [event.id],
      );
      expect(entries).toEqual([
        {
          actor_type: 'operator',
          source: 'admin_api',
          object_type: 'webhook_event',
          details: {
            userId: { before: named, after: userId },
            outcomeBefore: before,
            outcome: 'created',
            rows: result.body.rows,
            jobs: result.body.jobs,
          },
        },
      ]);
    },
  );

  it('is followed by the waiting updates, oldest first', async () => {
    const { customer, events, event, user } = await anUnmatched('customer.updated', 'customer.updated');

    const { body } = await link(event, user.id);

    expect(body.waiting).toEqual(
      events.slice(1).map(({ id }) => ({ stripeEventId: id, outcome: 'updated', errorCode: null })),
    );
    expect(await stored(customer.id)).toMatchObject({ name: 'Ada 2', userId: user.id });
  });

  it('may be the newest one: waiting ones are then stale', async () => {
    const { customer, events, user } = await anUnmatched('customer.updated', 'customer.updated');

    const { body } = await link(events[2] as { id: string }, user.id);

    expect(body.outcome).toBe('created');
    expect(body.waiting.map(({ outcome }: Fields) => outcome)).toEqual(['duplicate', 'stale']);
    expect(await stored(customer.id)).toMatchObject({ name: 'Ada 2' });
  });

  it.each([
    ['its creation', 0, ['stale', 'duplicate']],
    ['its deletion', 2, ['duplicate', 'stale']],
  ])('makes a tombstone if a deletion waits, and sends no welcome: %s linked', async (__, index, waiting) => {
    const { customer, events, user } = await anUnmatched('customer.updated', 'customer.deleted');

    const { body } = await link(events[index] as { id: string }, user.id);

    expect(body).toMatchObject({ outcome: 'deleted', errorCode: null });
    expect(body.waiting.map(({ outcome }: Fields) => outcome)).toEqual(waiting);
    const { deletedAt, portalAccess, lifecycle, notifications } = await stored(customer.id);
    expect({ access: portalAccess.status, stage: lifecycle.stage, isDeleted: deletedAt !== null }).toEqual({
      access: 'revoked',
      stage: 'churned',
      isDeleted: true,
    });
    expect(notifications.map(({ status }: Fields) => status)).toEqual(Array(3).fill('cancelled'));
  });

  it('skips waiting events whose body was removed', async () => {
    const { customer, events, event, user } = await anUnmatched('customer.updated', 'customer.updated');
    const purged = events[1] as { id: string };
    await service.database.rows('update webhook_events set body = null where stripe_event_id = $1', [
      purged.id,
    ]);

    const { body } = await link(event, user.id);

    expect(body.waiting).toEqual([
      { stripeEventId: purged.id, outcome: 'unmatched', errorCode: 'body_not_kept' },
      { stripeEventId: events[2]?.id, outcome: 'updated', errorCode: null },
    ]);
    expect(await stored(customer.id)).toMatchObject({ name: 'Ada 2' });
  });

  it.each([
    ['the same user', 1],
    ['different users', 8],
  ])('is linked once when eight requests come at once for %s', async (__, users) => {
    const { customer, event } = await anUnmatched();
    const ids = await Promise.all(Array.from({ length: users }, async () => (await service.createUser()).id));

    const { result: answers, added } = await rowsAddedBy(service.database, () =>
      Promise.all(Array.from({ length: 8 }, (___, index) => link(event, ids[index % users]))),
    );

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)]);
    expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code))).toEqual(
      new Set(['event_not_linkable']),
    );
    expect(added).toEqual({ ...ROWS_BESIDES_THE_EVENT, audit_entries: 2 });
    const winner = answers.find(({ status }) => status === 200);
    expect((await stored(customer.id)).userId).toBe(winner?.body.userId);
  });

  it('sets up one customer when two of its events are linked to two users at once', async () => {
    const { customer, events } = await anUnmatched('customer.updated');
    const users = [await service.createUser(), await service.createUser()];

    const answers = await Promise.all(events.map((event, index) => link(event, users[index]?.id)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const winner = answers.find(({ status }) => status === 200);
    expect((await stored(customer.id)).userId).toBe(winner?.body.userId);
    expect(await service.database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(1);
  });

  it('stays with its user when later events name another one', async () => {
    const { customer, event, user } = await anUnmatched();
    const other = await service.createUser();
    await link(event, user.id);

    for (const metadata of [other.metadata, { mingus_user_id: 'nobody' }, {}]) {
      const later = anEvent(
        { ...customer, metadata },
        { type: 'customer.updated', created: CREATED_AT + 100 },
      );
      expect((await service.deliver(later)).body.message).toBe('Customer updated');
    }
    expect((await service.deliver(event)).body).toMatchObject({ success: true, changes: [] });
    expect((await service.admin(`webhook-events/${event.id}/replay`, {})).body).toMatchObject({
      outcome: 'created',
      rows: {},
    });

    expect((await stored(customer.id)).userId).toBe(user.id);
    expect(await service.database.count('notifications', `user_id = '${other.id}'`)).toBe(0);
  });

  it('is refused for a customer that has a user by now: 409, nothing changed', async () => {
    const { customer, event, user } = await anUnmatched();
    const owner = await service.createUser();
    await service.deliver(anEvent({ ...customer, metadata: owner.metadata }, { type: 'customer.updated' }));

    const { result, added } = await rowsAddedBy(service.database, () => link(event, user.id));

    expect(result).toMatchObject({ status: 409, body: { code: 'customer_exists' } });
    expect(added).toEqual({});
    expect((await stored(customer.id)).userId).toBe(owner.id);
  });

  it('is refused without its body: 409', async () => {
    const { event, user } = await anUnmatched();
    await service.database.rows('update webhook_events set body = null where stripe_event_id = $1', [
      event.id,
    ]);

    expect(await link(event, user.id)).toMatchObject({ status: 409, body: { code: 'body_not_kept' } });
  });

  it.each<[string, () => Promise<Fields & { id: string; type: string }>]>([
    ['created', async () => anEvent(aCustomer({ metadata: (await service.createUser()).metadata }))],
    ['rejected', async () => anEvent(aCustomer({ email: null }))],
    ['ignored', async () => anEvent(aCustomer(), { type: 'invoice.created' })],
  ])('is refused if it is %s: 409, nothing changed', async (outcome, arrange) => {
    const event = await arrange();
    await service.deliver(event);
    const user = await service.createUser();

    const { result, added } = await rowsAddedBy(service.database, () => link(event, user.id));

    expect(result).toMatchObject({ status: 409, body: { code: 'event_not_linkable' } });
    expect(added).toEqual({});
    expect((await inboxRow(event)).outcome).toBe(outcome);
  });

  it('is refused for an unknown user: 404, and can be linked to another one after that', async () => {
    const { event, user } = await anUnmatched();

    const { result, added } = await rowsAddedBy(service.database, () => link(event, aUser().id));

    expect(result).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
    expect(added).toEqual({});
    expect((await link(event, user.id)).status).toBe(200);
  });
});

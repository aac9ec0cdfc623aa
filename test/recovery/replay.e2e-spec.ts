import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

const NOTHING = { rows: {}, jobs: {}, suppressedNotifications: [] };
const KINDS = ['onboarding_guide', 'portal_access', 'welcome'];
const { webhook_events: _, ...ROWS_BESIDES_THE_EVENT } = ROWS_OF_A_CUSTOMER;

describe('a replay of an event', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const replay = (eventId: string, body: Fields = {}) =>
    service.admin(`webhook-events/${eventId}/replay`, body);
  const outcomeOf = async (eventId: string) =>
    (await service.admin(`webhook-events/${eventId}`)).body.outcome as string;
  const replaysOf = (eventId: string) =>
    service.database.rows(
      `select action, actor_type, object_id, source, details from audit_entries
       where stripe_event_id = $1 and action = 'webhook_event.replayed'`,
      [eventId],
    );

  /** A pending event whose user exists by now, but was not announced. */
  async function aPendingEvent() {
    const user = aUser();
    const event = anEvent(aCustomer({ metadata: { mingus_user_id: user.id } }));
    await service.deliver(event);
    await service.createUser(user);
    return event;
  }

  /** An event that created its customer, with some of the customer's rows removed. */
  async function aCreatedEvent(...withoutRowsOf: string[]) {
    const { id: userId, metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const event = anEvent(customer);
    await service.deliver(event);
    for (const table of withoutRowsOf) {
      await service.database.rows(
        `delete from ${table} where customer_id = (select id from customers where stripe_customer_id = $1)`,
        [customer.id],
      );
    }
    return { event, customer, userId };
  }

  it('creates the customer whose user has arrived, and reports the changes', async () => {
    const event = await aPendingEvent();

    const { result, added } = await rowsAddedBy(service.database, () => replay(event.id));

    expect(result.status).toBe(200);
    expect(result.body).toEqual({
      stripeEventId: event.id,
      dryRun: false,
      outcomeBefore: 'pending_user',
      outcome: 'created',
      errorCode: null,
      rows: {
        webhook_events: 1,
        customers: 1,
        customer_preferences: 1,
        portal_accesses: 1,
        customer_lifecycles: 1,
        lifecycle_transitions: 1,
        notifications: 3,
        audit_entries: 1,
      },
      jobs: { 'deliver-notification': 3, 'track-customer-created': 1 },
      suppressedNotifications: [],
    });
    expect(added).toEqual({ ...ROWS_BESIDES_THE_EVENT, audit_entries: 2 });
    expect(await outcomeOf(event.id)).toBe('created');
  });

  it.each<[string, Fields, string, string]>([
    ['rejected for its data', { email: null }, 'rejected', 'missing_required_fields'],
    ['without a user id', { metadata: {} }, 'unmatched', 'no_user_id'],
    ['whose user is still missing', {}, 'pending_user', 'user_not_found'],
  ])('changes nothing for an event %s', async (__, fields, outcome, errorCode) => {
    const event = anEvent(aCustomer(fields));
    await service.deliver(event);

    const { result, added } = await rowsAddedBy(service.database, () => replay(event.id));

    expect(result.body).toEqual({
      stripeEventId: event.id,
      dryRun: false,
      outcomeBefore: outcome,
      outcome,
      errorCode,
      ...NOTHING,
    });
    expect(added).toEqual({ audit_entries: 1 });
    expect(await outcomeOf(event.id)).toBe(outcome);
  });

  it.each([
    ['an event that waits', aPendingEvent],
    ['a customer to repair', async () => (await aCreatedEvent('portal_accesses', 'notifications')).event],
  ])('as a dry run reports the same and changes nothing: %s', async (__, arrange) => {
    const event = await arrange();
    const outcome = await outcomeOf(event.id);

    const { result: dry, added } = await rowsAddedBy(service.database, () =>
      replay(event.id, { dryRun: true }),
    );

    expect(added).toEqual({});
    expect(await outcomeOf(event.id)).toBe(outcome);
    const wet = await replay(event.id);
    expect(wet.body).toEqual({ ...dry.body, dryRun: false });
    expect(dry.body.rows.portal_accesses).toBe(1);
  });

  it.each([
    ['preferences', ['customer_preferences'], { customer_preferences: 1 }],
    ['portal access', ['portal_accesses'], { portal_accesses: 1 }],
    [
      'lifecycle',
      ['customer_lifecycles', 'lifecycle_transitions'],
      { customer_lifecycles: 1, lifecycle_transitions: 1 },
    ],
    ['everything', [], {}],
  ])('repairs only the %s of a created customer', async (__, tables, rows) => {
    const { event, customer } = await aCreatedEvent(...tables);
    await trackedOnce(customer.id);

    const { result, added } = await rowsAddedBy(service.database, () => replay(event.id));

    expect(result.body).toMatchObject({ outcomeBefore: 'created', outcome: 'created', rows, jobs: {} });
    expect(result.body.suppressedNotifications.toSorted()).toEqual(KINDS.map((kind) => `${kind}/email`));
    expect(added).toEqual({ ...rows, audit_entries: 1 });
    expect((await service.admin(`customers/${customer.id}`)).status).toBe(200);
  });

  /** The state after the tracking job. */
  async function trackedOnce(stripeCustomerId: string) {
    await service.database.rows(
      `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at)
       select id, 'customer_created', stripe_event_id, id, user_id, 'unknown', '{}', now() from customers
       where stripe_customer_id = $1`,
      [stripeCustomerId],
    );
  }

  it('tracks a creation whose tracking is not recorded', async () => {
    const { event } = await aCreatedEvent();

    expect((await replay(event.id)).body).toMatchObject({ rows: {}, jobs: { 'track-customer-created': 1 } });
  });

  it('queues only the message that the user has not had', async () => {
    const { event, userId } = await aCreatedEvent();
    await service.database.rows(`delete from notifications where user_id = $1 and kind = 'welcome'`, [
      userId,
    ]);

    const { body } = await replay(event.id);

    expect(body).toMatchObject({ rows: { notifications: 1 }, jobs: { 'deliver-notification': 1 } });
    expect(body.suppressedNotifications.toSorted()).toEqual([
      'onboarding_guide/email',
      'portal_access/email',
    ]);
    expect(await service.database.count('notifications', `user_id = '${userId}'`)).toBe(3);
  });

  it("repairs for the customer's current user", async () => {
    const { event, customer } = await aCreatedEvent();
    const other = await service.createUser();
    await service.database.rows('update customers set user_id = $1 where stripe_customer_id = $2', [
      other.id,
      customer.id,
    ]);

    const { body } = await replay(event.id);

    expect(body.rows).toEqual({ notifications: 3 });
    expect(await service.database.count('notifications', `user_id = '${other.id}'`)).toBe(3);
  });

  it('restores a lost customer with its former id', async () => {
    const { event, customer } = await aCreatedEvent();
    const [before] = await service.database.rows(
      'delete from customers where stripe_customer_id = $1 returning id',
      [customer.id],
    );

    await replay(event.id);

    expect((await service.admin(`customers/${customer.id}`)).body.id).toBe(before?.id);
  });

  it('restores nothing for a deleted customer', async () => {
    const { event, customer } = await aCreatedEvent();
    await service.deliver(anEvent(customer, { type: 'customer.deleted' }));
    await service.database.rows(
      'delete from portal_accesses where customer_id = (select id from customers where stripe_customer_id = $1)',
      [customer.id],
    );

    const { result, added } = await rowsAddedBy(service.database, () => replay(event.id));

    expect(result.body).toMatchObject({ outcome: 'created', errorCode: 'customer_deleted', ...NOTHING });
    expect(added).toEqual({ audit_entries: 1 });
  });

  it('does not restore old data: a customer updated since stays updated', async () => {
    const { customer } = await aCreatedEvent();
    const created = Number(customer.created);
    const [first, second] = [1, 2].map((later) =>
      anEvent(customer, { type: 'customer.updated', created: created + 100 + later }),
    ) as [ReturnType<typeof anEvent>, ReturnType<typeof anEvent>];
    for (const event of [first, second]) await service.deliver(event);

    const { body } = await replay(first.id);

    expect(body).toMatchObject({ outcomeBefore: 'updated', outcome: 'updated', ...NOTHING });
  });

  it.each([
    ['an event that waits', aPendingEvent, { notifications: 3, customers: 1 }],
    [
      'a customer to repair',
      async () => (await aCreatedEvent('customer_lifecycles', 'lifecycle_transitions')).event,
      { customer_lifecycles: 1, lifecycle_transitions: 1 },
    ],
  ])('has the effect of one when eight requests come at once: %s', async (__, arrange, rows) => {
    const event = await arrange();

    const { result: answers, added } = await rowsAddedBy(service.database, () =>
      Promise.all(Array.from({ length: 8 }, () => replay(event.id))),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(added).toMatchObject(rows);
    const changed = answers.filter(({ body }) => Object.keys(body.rows).length > 0);
    expect(changed).toHaveLength(1);
    expect(await replaysOf(event.id)).toHaveLength(8);
  });

  it('leaves one audit entry with its changes', async () => {
    const event = await aPendingEvent();

    const { body } = await replay(event.id);

    expect(await replaysOf(event.id)).toEqual([
      {
        action: 'webhook_event.replayed',
        actor_type: 'operator',
        object_id: event.id,
        source: 'admin_api',
        details: {
          outcomeBefore: 'pending_user',
          outcome: 'created',
          rows: body.rows,
          jobs: body.jobs,
          replayId: null,
        },
      },
    ]);
  });

  it('needs the body: 409 for an event without a stored body', async () => {
    const event = anEvent(aCustomer(), { type: 'invoice.created' });
    await service.deliver(event);

    const answer = await replay(event.id);

    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'body_not_kept' });
    expect(await replaysOf(event.id)).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

const ALREADY_A_CUSTOMER = {
  success: true,
  message: 'Customer already exists: nothing to do',
  changes: [],
  notifications_sent: 0,
};
const NOT_HANDLED = {
  success: true,
  message: 'Event type not handled',
  changes: [],
  notifications_sent: 0,
};

describe('the outcome of an event', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const deliver = (event: Fields) => rowsAddedBy(service.database, () => service.deliver(event));

  async function inboxRow(event: { id: string }) {
    const [row] = await service.database.rows('select * from webhook_events where stripe_event_id = $1', [
      event.id,
    ]);
    return row;
  }

  async function aKnownCustomer() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const event = anEvent(customer);
    await service.deliver(event);
    const [row] = await service.database.rows<{ id: string }>(
      'select id from customers where stripe_customer_id = $1',
      [customer.id],
    );
    return { customer, event, customerId: row?.id };
  }

  it('valid data: creates the customer with all its parts, and reports what was set up', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, name: 'Grace Hopper' });
    const event = anEvent(customer);

    const { result, added } = await deliver(event);

    expect(result.status).toBe(200);
    expect(result.body).toEqual({
      success: true,
      message: 'Customer created successfully with comprehensive setup',
      changes: [
        `Created customer: ${customer.email}`,
        `Stripe Customer ID: ${customer.id}`,
        'Customer Name: Grace Hopper',
        'Customer portal access configured',
        'Customer lifecycle management configured',
      ],
      notifications_sent: 3,
    });
    expect(added).toEqual(ROWS_OF_A_CUSTOMER);
    expect(await inboxRow(event)).toMatchObject({
      type: 'customer.created',
      outcome: 'created',
      error_code: null,
      stripe_customer_id: customer.id,
      mingus_user_id: metadata.mingus_user_id,
      body: JSON.stringify(event),
    });
  });

  it.each([[null], [''], [undefined]])('valid data: a customer named %j gets no name line', async (name) => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, name });

    const { body } = await service.deliver(anEvent(customer));

    expect(body.changes).toEqual([
      `Created customer: ${customer.email}`,
      `Stripe Customer ID: ${customer.id}`,
      'Customer portal access configured',
      'Customer lifecycle management configured',
    ]);
  });

  it('duplicate customer: of another event about it only the event is stored, with a reference to the first', async () => {
    const { customer, customerId } = await aKnownCustomer();
    const again = anEvent({ ...customer, name: 'Another Name' });

    const { result, added } = await deliver(again);

    expect(result.status).toBe(200);
    expect(result.body).toEqual(ALREADY_A_CUSTOMER);
    expect(added).toEqual({ webhook_events: 1 });
    expect(customerId).toEqual(expect.any(String));
    expect(await inboxRow(again)).toMatchObject({ outcome: 'duplicate', customer_id: customerId });
  });

  it('duplicate customer: the created event delivered again stores nothing', async () => {
    const { event } = await aKnownCustomer();

    const { result, added } = await deliver(event);

    expect(result.status).toBe(200);
    expect(result.body).toEqual({
      success: true,
      message: 'Event already processed: nothing to do',
      changes: [],
      notifications_sent: 0,
    });
    expect(added).toEqual({});
  });

  it('the same customer id in the other mode is another customer', async () => {
    const { customer } = await aKnownCustomer();
    const { metadata } = await service.createUser();

    const { body } = await service.deliver(
      anEvent({ ...customer, metadata, livemode: true }, { livemode: true }),
    );

    expect(body.notifications_sent).toBe(3);
    expect(await service.database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(2);
  });

  it('unmatched: no user id in the metadata', async () => {
    const event = anEvent(aCustomer({ metadata: {} }));

    const { result, added } = await deliver(event);

    expect(result.status).toBe(200);
    expect(result.body).toEqual({ success: false, error: 'No user ID in customer metadata' });
    expect(added).toEqual({ webhook_events: 1 });
    expect(await inboxRow(event)).toMatchObject({ outcome: 'unmatched', error_code: 'no_user_id' });
  });

  it('missing user: the event waits, with a job that decides it again', async () => {
    const event = anEvent();

    const { result, added } = await deliver(event);

    expect(result.status).toBe(200);
    expect(result.body).toEqual({ success: false, error: 'User not found' });
    expect(added).toEqual({ webhook_events: 1, 'job resolve-pending-events': 1 });
    expect(await inboxRow(event)).toMatchObject({
      outcome: 'pending_user',
      error_code: 'user_not_found',
      body: JSON.stringify(event),
    });
  });

  it('ignored: an unhandled type is counted and its payload not kept', async () => {
    const event = anEvent(aCustomer(), { type: 'invoice.created' });

    const { result, added } = await deliver(event);

    expect(result.status).toBe(200);
    expect(result.body).toEqual(NOT_HANDLED);
    expect(added).toEqual({ webhook_events: 1 });
    expect(await inboxRow(event)).toMatchObject({ outcome: 'ignored', type: 'invoice.created', body: null });
  });

  it.each([
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['v1.customer.source.created', 'v1.customer.source.created'],
  ])('ignored: the type %s does not match a property of an object by accident', async (_, type) => {
    const { body } = await service.deliver(anEvent(aCustomer(), { type }));

    expect(body).toEqual(NOT_HANDLED);
  });

  it.each<[string, () => Promise<Fields> | Fields]>([
    ['rejected', () => anEvent(aCustomer({ email: null }))],
    ['unmatched', () => anEvent(aCustomer({ metadata: {} }))],
    ['ignored', () => anEvent({}, { type: 'price.created' })],
    ['pending', () => anEvent()],
    ['duplicate', async () => anEvent((await aKnownCustomer()).customer)],
  ])('a redelivered %s event gets its first answer again and stores nothing', async (_, make) => {
    const event = await make();
    const first = await service.deliver(event);

    const { result: second, added } = await deliver(event);

    expect(second.status).toBe(first.status);
    expect(second.body).toEqual(first.body);
    expect(added).toEqual({});
  });
});

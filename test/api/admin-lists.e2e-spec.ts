import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const CUSTOMERS = 7;
const NOW_ISO = () => new Date().toISOString();

interface Item {
  id: string;
  [field: string]: unknown;
}

describe('the lists of the admin API', () => {
  let service: TestApp;
  let between: string;
  const customers: ReturnType<typeof aCustomer>[] = [];
  const userIds: string[] = [];

  beforeAll(async () => {
    service = await TestApp.start();
    while (customers.length < CUSTOMERS) {
      const { id, metadata } = await service.createUser();
      const customer = aCustomer({ metadata, name: `Customer ${customers.length}` });
      await service.deliver(anEvent(customer));
      customers.push(customer);
      userIds.push(id);
    }
    between = NOW_ISO();
    await service.deliver(anEvent(aCustomer({ email: null })));
    await service.deliver(anEvent(aCustomer({ metadata: {} })));
    await service.deliver(anEvent(aCustomer(), { type: 'invoice.created' }));
  });
  afterAll(() => service.stop());

  async function list(path: string): Promise<Item[]> {
    const { status, body } = await service.admin(path);
    expect(status).toBe(200);
    expect(body.nextCursor).toBeNull();
    return body.items;
  }

  async function pagesOf(path: string, limit: number): Promise<Item[][]> {
    const pages: Item[][] = [];
    let cursor: string | null = null;
    do {
      const query: string = `limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`;
      const { body } = await service.admin(`${path}?${query}`);
      pages.push(body.items);
      cursor = body.nextCursor;
    } while (cursor);
    return pages;
  }

  it.each([
    ['customers', 1, 7],
    ['customers', 3, 7],
    ['customers', 7, 7],
    ['customers', 100, 7],
    ['webhook-events', 3, 10],
    ['webhook-events', 5, 10],
    ['notifications', 4, 21],
    ['audit-entries', 2, 7],
  ])('page without overlap or gap: %s by %i', async (path, limit, total) => {
    const pages = await pagesOf(path, limit);

    const ids = pages.flat().map(({ id }) => id);
    expect(ids).toHaveLength(total);
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
    expect(pages.map((page) => page.length)).toEqual([
      ...Array(Math.ceil(total / limit) - 1).fill(limit),
      total % limit || limit,
    ]);
  });

  it('keep their position while rows are added', async () => {
    const first = await service.admin('audit-entries?limit=3');
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));

    const second = await service.admin(`audit-entries?limit=100&cursor=${first.body.nextCursor}`);

    expect(second.body.items).toHaveLength(CUSTOMERS - 3);
    expect(second.body.nextCursor).toBeNull();
  });

  it('end with an empty page', async () => {
    const { body } = await service.admin('customers?cursor=00000000-0000-7000-8000-000000000000');

    expect(body).toEqual({ items: [], nextCursor: null });
  });

  it('filter customers by email and by user', async () => {
    const [customer] = customers;

    const byEmail = await list(`customers?email=${customer?.email}`);
    const byUser = await list(`customers?userId=${userIds[0]}`);

    expect(byEmail.map(({ stripeCustomerId }) => stripeCustomerId)).toEqual([customer?.id]);
    expect(byUser).toEqual(byEmail);
    expect(await list('customers?email=nobody@example.com')).toEqual([]);
  });

  it.each([
    ['outcome=rejected', 1],
    ['outcome=unmatched', 1],
    ['outcome=pending_user', 0],
    ['type=invoice.created', 1],
    ['type=customer.created&outcome=unmatched', 1],
    ['type=invoice.created&outcome=created', 0],
  ])('filter webhook events by %s', async (query, count) => {
    expect(await list(`webhook-events?${query}`)).toHaveLength(count);
  });

  it('filter webhook events by time', async () => {
    expect(await list(`webhook-events?outcome=created&receivedFrom=${between}&limit=1`)).toEqual(
      await list(`webhook-events?outcome=created&receivedFrom=${between}`),
    );
    expect(await list(`webhook-events?receivedFrom=${between}&outcome=rejected`)).toHaveLength(1);
    expect(await list(`webhook-events?receivedBefore=${between}&limit=100`)).toHaveLength(CUSTOMERS);
    expect(await list(`webhook-events?receivedFrom=2000-01-01&receivedBefore=2001-01-01`)).toEqual([]);
  });

  it('show the raw body of one event only, not of a list', async () => {
    const { body } = await service.admin('webhook-events?outcome=rejected');
    const [{ stripeEventId }] = body.items;

    const { body: event } = await service.admin(`webhook-events/${stripeEventId}`);

    expect(body.items[0]).not.toHaveProperty('body');
    expect(body.items[0]).toMatchObject({ errorCode: 'missing_required_fields' });
    expect(JSON.parse(event.body)).toMatchObject({ id: stripeEventId, type: 'customer.created' });
  });

  it('filter notifications by status, kind and customer; one is shown with its attempts', async () => {
    const { body: customer } = await service.admin(`customers/${customers[0]?.id}`);

    const ofCustomer = await list(`notifications?customerId=${customer.id}`);
    const welcome = await list(`notifications?customerId=${customer.id}&kind=welcome&status=queued`);

    expect(ofCustomer).toHaveLength(3);
    expect(welcome).toHaveLength(1);
    expect(await list(`notifications?customerId=${customer.id}&status=sent`)).toEqual([]);
    const { body } = await service.admin(`notifications/${welcome[0]?.id}`);
    expect(body).toMatchObject({ kind: 'welcome', channel: 'email', status: 'queued', attemptLog: [] });
  });

  it('filter audit entries by customer and by object', async () => {
    const { body: customer } = await service.admin(`customers/${customers[0]?.id}`);

    const byCustomer = await list(`audit-entries?customerId=${customer.id}`);

    expect(byCustomer).toHaveLength(1);
    expect(byCustomer[0]).toMatchObject({ action: 'customer.created', objectId: customers[0]?.id });
    expect(await list(`audit-entries?objectId=${customers[0]?.id}`)).toEqual(byCustomer);
  });
});

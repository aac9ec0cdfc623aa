import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { ADMIN_KEY, TestApp } from '../support/test-app.js';

describe('an export of data', () => {
  let service: TestApp;
  let customer: ReturnType<typeof aCustomer>;
  let customerId: string;

  beforeAll(async () => {
    service = await TestApp.start();
    customer = aCustomer({ metadata: (await service.createUser()).metadata });
    await service.deliver(anEvent(customer));
    customerId = (await service.admin(`customers/${customer.id}`)).body.id;
  });
  afterAll(() => service.stop());

  const entriesOf = async (objectId: string, action: string) =>
    (
      (await service.admin(`audit-entries?objectId=${objectId}&limit=100`)).body.items as { action: string }[]
    ).filter((entry) => entry.action === action);
  const exportAudit = (query: string, key = ADMIN_KEY) =>
    fetch(`${service.url}/admin/audit-entries/export${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });

  const BY_THE_KEY = {
    actorType: 'operator',
    actorId: 'bootstrap',
    actorName: expect.any(String),
    source: 'admin_api',
    requestId: expect.any(String),
    personal: null,
  };

  it('of a person is in the audit, with the number of rows by table', async () => {
    const { body } = await service.admin(`customers/${customer.id}/export`);

    expect(await entriesOf(String(customer.id), 'customer.exported')).toMatchObject([
      {
        ...BY_THE_KEY,
        customerId,
        objectType: 'customer',
        details: {
          rows: { customers: 1, notifications: 3, audit_entries: body.tables.audit_entries.length },
        },
      },
    ]);
    const { body: timeline } = await service.admin(`customers/${customer.id}/timeline?limit=100`);
    expect(timeline.items).toContainEqual(expect.objectContaining({ what: 'customer.exported' }));
  });

  it('of a person with stored events only is in the audit too', async () => {
    const rejected = aCustomer({ metadata: { mingus_user_id: 'nobody' } });
    await service.deliver(anEvent(rejected));

    await service.admin(`customers/${rejected.id}/export`);

    expect(await entriesOf(String(rejected.id), 'customer.exported')).toMatchObject([
      { ...BY_THE_KEY, customerId: null, details: { rows: { customers: 0, webhook_events: 1 } } },
    ]);
  });

  it('of the audit is in the audit, with its filters, before its first line leaves', async () => {
    const answer = await exportAudit(`?format=csv&customerId=${customerId}&since=2020-01-01T00:00:00Z`);
    const text = await answer.text();

    const [entry] = await entriesOf('audit_entries', 'audit_entries.exported');
    expect(entry).toMatchObject({
      ...BY_THE_KEY,
      customerId,
      objectType: 'table',
      details: { format: 'csv', since: '2020-01-01T00:00:00.000Z' },
    });
    expect(text).toContain('audit_entries.exported');
  });

  it.each([
    ['of a person who is not known', () => service.admin('customers/cus_nobody/export')],
    ['with a wrong filter', () => exportAudit('?since=yesterday')],
    ['with a wrong key', () => exportAudit('', 'wrong')],
  ])('is not in the audit when no data left: %s', async (_, refused) => {
    const exports = () => service.database.count('audit_entries', `action like '%.exported'`);
    const before = await exports();

    expect((await refused()).status).toBeGreaterThanOrEqual(400);

    expect(await exports()).toBe(before);
  });
});

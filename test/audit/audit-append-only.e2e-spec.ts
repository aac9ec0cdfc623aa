import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('the audit trail', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));
  });
  afterAll(() => service.stop());

  it.each([
    `update audit_entries set action = 'nothing.happened'`,
    `update audit_entries set details = '{}' where action = 'customer.created'`,
    'delete from audit_entries',
    'truncate audit_entries',
    'truncate audit_entries, customers cascade',
  ])('refuses "%s" even from the owner of the table, and stays unchanged', async (sql) => {
    const before = await service.database.rows('select * from audit_entries order by id');

    await expect(service.database.rows(sql)).rejects.toMatchObject({
      code: '42501',
      message: 'audit_entries is append-only',
    });

    expect(before).toHaveLength(1);
    expect(await service.database.rows('select * from audit_entries order by id')).toEqual(before);
  });

  it('outlives the customer', async () => {
    await service.database.rows('delete from customers');

    expect(await service.database.count('customers')).toBe(0);
    expect(await service.database.count('audit_entries', `action = 'customer.created'`)).toBe(1);
  });
});

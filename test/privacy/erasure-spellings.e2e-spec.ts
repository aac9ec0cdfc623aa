import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe("a person whose address is another's as well", () => {
  it('does not cause unwanted mail to the other', async () => {
    const service = await TestApp.start();
    onTestFinished(() => service.stop());
    const email = 'office@shared.example';
    const customers = [];
    for (const spelling of [email, 'Office@Shared.example']) {
      const customer = aCustomer({ metadata: (await service.createUser()).metadata, email: spelling });
      await service.deliver(anEvent(customer));
      customers.push(customer);
    }
    await service.admin('suppressions', { address: email });
    const suppressed = () => service.database.count('suppressions');

    await service.admin(`customers/${customers[0]?.id}/erase`, { confirm: customers[0]?.id });
    expect(await suppressed()).toBe(1);
    await service.admin(`customers/${customers[1]?.id}/erase`, { confirm: customers[1]?.id });
    expect(await suppressed()).toBe(0);
  });
});

describe('a person whose address is kept in another spelling', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it.each([
    ['in capitals', 'SOFÍA.CANARY1@example.com', 'sofía.canary1@example.com'],
    ['decomposed', 'sofi\u0301a.canary2@example.com', 'sofía.canary2@example.com'],
    ['in some capitals', 'SofÍA.ÉtÉ.canary4@example.com', 'sofía.éTé.canary4@example.com'],
    [
      'in some capitals, decomposed',
      'Sofi\u0301A.E\u0301te\u0301.canary5@example.com',
      'sofía.été.canary5@example.com',
    ],
    ['with a domain in capitals', 'canary3@JÕGEVA.example', 'canary3@jõgeva.example'],
  ])('is in no table after the erasure: %s', async (_, email, suppressed) => {
    const metadata = { mingus_user_id: `user-${randomUUID()}` };
    const user = { id: metadata.mingus_user_id, email: suppressed.toUpperCase(), name: 'Ada' };
    expect((await service.admin('users', user)).status).toBe(201);
    const customer = aCustomer({ metadata, email });
    await service.deliver(anEvent(customer));
    expect((await service.admin('suppressions', { address: suppressed })).status).toBe(201);

    await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    const dump = (await service.database.dump()).split('\n');
    expect(dump.filter((line) => /canary\d/i.test(line))).toEqual([]);
  });
});

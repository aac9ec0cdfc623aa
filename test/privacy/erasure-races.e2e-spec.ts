import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { makeDue, queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const CREATED_AT = 1_790_000_000;
const TRIALS = 20;

describe('a person who is erased while Stripe tells of changes', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  it('does not come back, whichever is committed first', async () => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, name: 'Canary Name' });
      const change = (second: number) =>
        anEvent(
          { ...customer, email: `canary.${second}@x.example` },
          { type: 'customer.updated', created: CREATED_AT + second },
        );
      await service.deliver(anEvent(customer, { created: CREATED_AT }));

      const erased = service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });
      await Promise.all([3, 1, 2].map((second) => service.deliver(change(second))));

      expect((await erased).status).toBe(200);
      expect((await service.admin(`customers/${customer.id}`)).body).toMatchObject({ email: '', name: null });
    }

    await makeDue(service.database, 'forget-events');
    await waitFor(
      'forgotten',
      async () => (await queuedJobs(service.database, 'forget-events')).length === 0,
    );
    const dump = (await service.database.dump()).split('\n');
    expect(dump.filter((line) => /canary/i.test(line))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { makeDue, queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const CREATED_AT = 1_790_000_000;

describe('an update without a known user, of a customer that another event sets up', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  /** The creation holds the user id, the update after it does not. */
  async function aLife(metadata: Fields) {
    const user = await service.createUser();
    const customer = aCustomer({ metadata: user.metadata });
    const changed = { ...customer, name: 'Newest', email: `new.${customer.email}`, metadata };
    return {
      id: customer.id,
      created: anEvent(customer, { created: CREATED_AT }),
      updated: anEvent(changed, { type: 'customer.updated', created: CREATED_AT + 5 }),
    };
  }

  const outcomeOf = async ({ id }: { id: string }) =>
    (await service.admin(`webhook-events/${id}`)).body.outcome as string;
  const nameOf = async (id: string) => (await service.admin(`customers/${id}`)).body.name as string;

  it.each([
    ['nobody', {}, 'unmatched'],
    ['another user', { mingus_user_id: 'nobody-yet' }, 'pending_user'],
  ])('is applied after the creation when it came before it: naming %s', async (_, metadata, waiting) => {
    const { id, created, updated } = await aLife(metadata);
    await service.deliver(updated);
    expect(await outcomeOf(updated)).toBe(waiting);

    await service.deliver(created);

    await waitFor('followed', async () => (await outcomeOf(updated)) === 'updated');
    expect(await nameOf(id)).toBe('Newest');
  });

  it('is decided again when the creation was committed at the same moment', async () => {
    const { id, created, updated } = await aLife({});
    await service.deliver(created);
    await service.database.rows('alter table customers rename to hidden');
    await service.database.rows('create table customers (like hidden including all)');
    await service.deliver(updated);
    await service.database.rows('drop table customers');
    await service.database.rows('alter table hidden rename to customers');
    expect(await outcomeOf(updated)).toBe('unmatched');

    await makeDue(service.database, 'decide-waiting-events');

    await waitFor('followed', async () => (await outcomeOf(updated)) === 'updated');
    expect(await nameOf(id)).toBe('Newest');
  });

  it('keeps waiting while no event names its user', async () => {
    const { updated } = await aLife({});
    await service.deliver(updated);

    await makeDue(service.database, 'decide-waiting-events');

    await waitFor(
      'run',
      async () => (await queuedJobs(service.database, 'decide-waiting-events')).length === 0,
    );
    expect(await outcomeOf(updated)).toBe('unmatched');
    const replays = `object_id = '${updated.id}' and action = 'webhook_event.replayed'`;
    expect(await service.database.count('audit_entries', replays)).toBe(0);
  });
});

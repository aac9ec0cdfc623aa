import { describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('after a fix', () => {
  it('an event rejected for its mode is decided again, and its customer gets each mail once', async () => {
    const strict = await TestApp.start({ env: { STRIPE_LIVEMODE: 'true' } });
    const { metadata } = await strict.createUser();
    const customer = aCustomer({ metadata });
    const event = anEvent(customer);
    await strict.deliver(event);
    const { database, smtp } = strict;
    const mended = await TestApp.start({ database, smtp, jobs: true });

    for (let i = 0; i < 3; i += 1) await mended.admin(`webhook-events/${event.id}/replay`, {});

    await waitFor('three mails', () => smtp.to(customer.email).length === 3);
    await mended.admin(`webhook-events/${event.id}/replay`, {});
    await waitFor('no job left', async () => (await database.count('graphile_worker._private_jobs')) === 0);
    expect(smtp.to(customer.email)).toHaveLength(3);
    expect((await mended.admin(`webhook-events/${event.id}`)).body.outcome).toBe('created');
    await mended.stop();
    await strict.stop();
  });
});

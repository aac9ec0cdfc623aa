import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { request, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a replay of many events', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  /** An event that waits for its user. */
  async function deliverPending() {
    const user = aUser();
    const event = anEvent(aCustomer({ metadata: { mingus_user_id: user.id } }), { type: 'customer.updated' });
    await service.deliver(event);
    return { user, event };
  }

  const entriesAbout = (stripeEventId: unknown) =>
    service.database.rows(
      `select actor_type, actor_id, actor_name, source, job_id is not null as "hasJob", details ->> 'replayId' as replay
       from audit_entries where stripe_event_id = $1 and action = 'webhook_event.replayed'`,
      [stripeEventId],
    );

  it('names the operator who started it, in the replay and in each audit entry', async () => {
    const events = [await deliverPending(), await deliverPending(), await deliverPending()];
    const { body: key } = await service.admin('api-keys', { name: 'Ada - support', role: 'operator' });

    const { body: replay } = await request(`${service.url}/admin/webhook-event-replays`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ filter: { outcome: 'pending_user' } }),
    });

    expect(replay.startedBy).toMatchObject({ id: key.id, name: 'Ada - support' });
    const find = () => service.admin(`webhook-event-replays/${replay.id}`);
    await waitFor('replayed', async () => (await find()).body.status === 'done');
    const by = { actor_type: 'operator', actor_id: key.id, actor_name: 'Ada - support' };
    for (const { event } of events) {
      expect(await entriesAbout(event.id)).toEqual([
        { ...by, source: 'job', hasJob: true, replay: replay.id },
      ]);
    }
  });

  it('names its operator in the entries about what it did to customers', async () => {
    const { database, smtp } = service;
    const broken = await TestApp.start({ database, smtp, env: { STRIPE_LIVEMODE: 'true' } });
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const event = anEvent(customer);
    await broken.deliver(event);
    await broken.stop();
    const { body: key } = await service.admin('api-keys', { name: 'Eve - support', role: 'operator' });

    await request(`${service.url}/admin/webhook-events/${event.id}/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json' },
      body: '{}',
    });

    const { body } = await service.admin(`audit-entries?objectId=${customer.id}`);
    expect(body.items).toContainEqual(
      expect.objectContaining({
        action: 'customer.created',
        actorType: 'operator',
        actorId: key.id,
        actorName: 'Eve - support',
        stripeEventId: event.id,
      }),
    );
  });
});

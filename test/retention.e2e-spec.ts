import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeEventBodiesJob } from '../src/webhooks/retention/purge-event-bodies.job.js';
import { aCustomer, anEvent } from './support/builders.js';
import { rowsAddedBy } from './support/stored-rows.js';
import { TestApp } from './support/test-app.js';

const RETENTION_DAYS = 30;

describe('the raw body of an event', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { WEBHOOK_RETENTION_DAYS: String(RETENTION_DAYS) } });
  });
  afterAll(() => service.stop());

  const purge = () => service.app.get(PurgeEventBodiesJob).run();
  const stored = async (id: string) => (await service.admin(`webhook-events/${id}`)).body;

  /** An event of the outcome, received so many days ago. */
  async function anEventOf(outcome: string, days: number) {
    const { metadata } = await service.createUser();
    const object = {
      created: { metadata },
      rejected: { metadata, email: null },
      unmatched: { metadata: {} },
      pending_user: {},
    }[outcome];
    const event = anEvent(aCustomer(object));
    await service.deliver(event);
    await service.database.rows(
      `update webhook_events set received_at = received_at - $1 * interval '1 day' where stripe_event_id = $2`,
      [days, event.id],
    );
    expect((await stored(event.id)).outcome).toBe(outcome);
    return event;
  }

  it.each([
    ['forgotten', 'created', RETENTION_DAYS + 1, false],
    ['forgotten', 'rejected', RETENTION_DAYS + 1, false],
    ['forgotten', 'unmatched', RETENTION_DAYS + 1, false],
    ['kept', 'created', RETENTION_DAYS - 1, true],
    ['kept while more is to be decided', 'pending_user', RETENTION_DAYS * 10, true],
  ])('is %s: %s, %i days old', async (_, outcome, days, isKept) => {
    const event = await anEventOf(outcome, days);

    await purge();

    const { body, outcome: after, stripeEventId } = await stored(event.id);
    expect({ isKept: body !== null, after, stripeEventId }).toEqual({
      isKept,
      after: outcome,
      stripeEventId: event.id,
    });
  });

  it('is not needed to recognise the event again', async () => {
    const event = await anEventOf('created', RETENTION_DAYS + 1);
    await purge();

    const { result, added } = await rowsAddedBy(service.database, () => service.deliver(event));

    expect(result.body.message).toBe('Event already processed: nothing to do');
    expect(added).toEqual({});
  });

  it('is needed to replay the event: 409', async () => {
    const event = await anEventOf('rejected', RETENTION_DAYS + 1);
    await purge();

    const { status, body } = await service.admin(`webhook-events/${event.id}/replay`, {});

    expect([status, body.code]).toEqual([409, 'body_not_kept']);
  });

  it('is forgotten however many there are', async () => {
    await service.database.rows(
      `insert into webhook_events (id, stripe_event_id, type, outcome, body, received_at, decided_at)
       select gen_random_uuid(), 'evt_' || i, 'customer.created', 'rejected', '{}', now() - interval '1 year', now()
       from generate_series(1, 2500) i`,
    );

    await purge();

    expect(
      await service.database.count('webhook_events', `stripe_event_id like 'evt_%' and body = '{}'`),
    ).toBe(0);
  });
});

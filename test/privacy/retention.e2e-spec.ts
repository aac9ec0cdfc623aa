import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeExpiredRowsJob } from '../../src/platform/jobs/purge-expired-rows.job.js';
import { PurgeEventBodiesJob } from '../../src/webhooks/stored-events/retention/purge-event-bodies.job.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const RETENTION_DAYS = 30;

describe('the raw body of an event', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { WEBHOOK_RETENTION_DAYS: String(RETENTION_DAYS) } });
  });
  afterAll(() => service.stop());

  const purge = () => service.app.get(PurgeEventBodiesJob).run();
  const stored = async (id: string) => (await service.admin(`webhook-events/${id}`)).body;

  /** An event with this outcome, received some days ago. */
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
    ['removed', 'created', RETENTION_DAYS + 1, false],
    ['removed', 'rejected', RETENTION_DAYS + 1, false],
    ['removed', 'unmatched', RETENTION_DAYS + 1, false],
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

  it('is removed when its user has not arrived for 400 days', async () => {
    const userId = `late-${Date.now()}`;
    const customer = aCustomer({ metadata: { mingus_user_id: userId } });
    const { id } = anEvent(customer);
    await service.deliver(anEvent(customer, { id }));
    await service.database.rows(
      `update webhook_events set received_at = received_at - interval '401 days' where stripe_event_id = $1`,
      [id],
    );

    await purge();

    expect(await stored(id)).toMatchObject({ body: null, outcome: 'unmatched', errorCode: 'user_not_found' });
    const { body: audit } = await service.admin(`audit-entries?objectId=${id}`);
    expect(audit.items).toMatchObject([
      { action: 'webhook_event.given_up', actorType: 'system', details: { outcome: 'unmatched', days: 400 } },
    ]);
    await service.createUser({ id: userId });
    const { body } = await service.deliver(anEvent(customer, { type: 'customer.updated' }));
    expect(body).toMatchObject({ message: 'Customer created successfully with comprehensive setup' });
  });

  it('is not needed to recognise a redelivery', async () => {
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

  it('is removed for any number of events', async () => {
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

describe('old rows', () => {
  const DAY_MS = 86_400_000;
  const KEPT_DAYS = {
    notification_attempts: 30,
    portal_links: 90,
    analytics_events: 365,
    in_app_messages: 730,
  };
  let service: TestApp;
  let now = new Date();

  beforeAll(async () => {
    const env = {
      RETENTION_DAYS: 'notification_attempts=30,analytics_events=365',
      NOTIFICATION_CHANNELS: 'email,in_app',
    };
    service = await TestApp.start({ jobs: true, env, now: () => now });
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));
    await waitFor('sent and tracked', async () => {
      const queued = await service.database.count('notifications', `status = 'queued'`);
      return queued === 0 && (await counts()).analytics_events === 1;
    });
  });
  afterAll(() => service.stop());

  async function counts(): Promise<Record<string, number>> {
    const tables = [
      ...Object.keys(KEPT_DAYS),
      'notifications',
      'customers',
      'webhook_events',
      'audit_entries',
    ];
    const found: Record<string, number> = {};
    for (const table of tables) found[table] = await service.database.count(table);
    return found;
  }

  it.each(Object.entries(KEPT_DAYS))(
    'are removed from %s after %i days, and nothing else; this is audited',
    async (table, days) => {
      const before = await counts();
      expect(before[table]).toBeGreaterThan(0);
      now = new Date(Date.now() + (days - 1) * DAY_MS);
      await service.app.get(PurgeExpiredRowsJob).run();
      expect((await counts())[table]).toBe(before[table]);

      now = new Date(Date.now() + (days + 1) * DAY_MS);
      await service.app.get(PurgeExpiredRowsJob).run();

      const expired = Object.keys(KEPT_DAYS).filter(
        (other) => KEPT_DAYS[other as keyof typeof KEPT_DAYS] <= days,
      );
      const none = Object.fromEntries(expired.map((other) => [other, 0]));
      const audited = { audit_entries: (before.audit_entries ?? 0) + 1 };
      expect(await counts()).toEqual({ ...before, ...none, ...audited });
      const { body } = await service.admin(`audit-entries?objectId=${table}`);
      expect(body.items).toMatchObject([
        { action: 'rows.purged', actorType: 'system', details: { count: before[table], days } },
      ]);
    },
  );

  it('are audited completely if a purge fails in the middle', async () => {
    await service.database.rows(`
      insert into alert_changes (id, name, change, value, detail, occurred_at, routes_left)
        select ('01000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'silence', 'firing', 0, '', now(), '{}'
        from generate_series(1, 1500) i;
      create function refuse_later_rows() returns trigger language plpgsql as $$ begin
        if old.id > '01000000-0000-7000-8000-0000000003e8' then raise exception 'not now'; end if;
        return old;
      end $$;
      create trigger refuse_later_rows before delete on alert_changes
        for each row execute function refuse_later_rows()`);

    await expect(service.app.get(PurgeExpiredRowsJob).run()).rejects.toThrow('not now');
    await service.database.rows('drop trigger refuse_later_rows on alert_changes');
    await service.app.get(PurgeExpiredRowsJob).run();

    const { body } = await service.admin('audit-entries?objectId=alert_changes');
    const removed = (body.items as { details: { count: number } }[]).map(({ details }) => details.count);
    expect(removed.toSorted()).toEqual([1000, 500]);
  });
});

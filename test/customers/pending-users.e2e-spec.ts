import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { makeDue, queuedJobs } from '../support/jobs.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';
import type { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function anEventOf(user: { id: string }) {
  const customer = aCustomer({ metadata: { mingus_user_id: user.id } });
  return { customer, event: anEvent(customer) };
}

async function inboxRow(database: TestDatabase, event: { id: string }) {
  const [row] = await database.rows<{ outcome: string; customer_id: string | null; received_at: Date }>(
    'select * from webhook_events where stripe_event_id = $1',
    [event.id],
  );
  if (!row) throw new Error(`No event ${event.id}`);
  return row;
}

describe('a customer whose user is missing', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const retryOf = async (userId: string) =>
    (await queuedJobs(service.database, 'resolve-pending-events')).find(({ payload }) =>
      payload.some((entry) => entry.userId === userId),
    );

  it('waits: it is stored with its body, and decided again a minute later', async () => {
    const user = aUser();
    const { event } = anEventOf(user);

    const { body } = await service.deliver(event);

    expect(body).toEqual({ success: false, error: 'User not found' });
    const row = await inboxRow(service.database, event);
    expect(row).toMatchObject({ outcome: 'pending_user', mingus_user_id: user.id, customer_id: null });
    expect((await retryOf(user.id))?.runAt.getTime()).toBe(row.received_at.getTime() + MINUTE_MS);
  });

  it('is decided again by each delivery, and set up by the first one after the user has arrived', async () => {
    const user = aUser();
    const { event, customer } = anEventOf(user);
    await service.deliver(event);
    expect((await service.deliver(event)).body).toEqual({ success: false, error: 'User not found' });
    expect((await service.admin('users', user)).status).toBe(201);

    const { result, added } = await rowsAddedBy(service.database, () => service.deliver(event));

    expect(result.status).toBe(200);
    expect(result.body).toMatchObject({
      success: true,
      message: 'Customer created successfully with comprehensive setup',
      notifications_sent: 3,
    });
    const { webhook_events: _, ...rowsBesidesTheEvent } = ROWS_OF_A_CUSTOMER;
    expect(added).toEqual(rowsBesidesTheEvent);
    const { outcome, customer_id: customerId } = await inboxRow(service.database, event);
    expect(outcome).toBe('created');
    expect((await service.admin(`customers/${customer.id}`)).body.id).toBe(customerId);
  });
});

describe('a customer whose user arrives', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  const decided = (event: { id: string }) =>
    waitFor('decided', async () => {
      const row = await inboxRow(service.database, event);
      return row.outcome === 'pending_user' ? null : row;
    });

  it('is set up at once and completely by POST /admin/users', async () => {
    const user = aUser();
    const { event, customer } = anEventOf(user);
    await service.deliver(event);

    await service.admin('users', user);

    expect((await decided(event)).outcome).toBe('created');
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
    const { body } = await service.admin(`customers/${customer.id}`);
    expect(body).toMatchObject({
      userId: user.id,
      user: { id: user.id, email: user.email },
      preferences: { locale: 'en' },
      portalAccess: { status: 'active' },
      lifecycle: { stage: 'onboarding' },
    });
    expect(body.notifications).toHaveLength(3);
    expect(body.timeline.map(({ what }: { what: string }) => what)).toContain('customer.created');
  });

  it('is set up once if several of its events waited', async () => {
    const user = aUser();
    const { event, customer } = anEventOf(user);
    const twin = anEvent(customer);
    await service.deliver(event);
    await service.deliver(twin);

    await service.admin('users', user);

    const rows = [await decided(event), await decided(twin)];
    expect(rows.map(({ outcome }) => outcome)).toEqual(['created', 'duplicate']);
    expect(rows[1]?.customer_id).toBe(rows[0]?.customer_id);
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(3);
  });

  it('is set up together with the others of the same user, who is welcomed once', async () => {
    const user = aUser();
    const events = [anEventOf(user), anEventOf(user), anEventOf(user)].map(({ event }) => event);
    for (const event of events) await service.deliver(event);

    await service.admin('users', user);

    for (const event of events) expect((await decided(event)).outcome).toBe('created');
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(3);
  });

  it('is set up even when the user arrives after a month', async () => {
    const user = aUser();
    const { event } = anEventOf(user);
    await service.deliver(event);
    await service.database.rows(
      `update webhook_events set received_at = received_at - interval '31 days' where stripe_event_id = $1`,
      [event.id],
    );

    await service.admin('users', user);

    expect((await decided(event)).outcome).toBe('created');
  });
});

describe('a customer whose user stays away', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it('is looked for at growing intervals, and no longer after three days', async () => {
    const [young, old] = [aUser(), aUser()];
    for (const user of [young, old]) await service.deliver(anEventOf(user).event);
    await ageBy(10 * MINUTE_MS, young.id);
    await ageBy(3 * DAY_MS + MINUTE_MS, old.id);

    await makeDue(service.database, 'resolve-pending-events');
    await service.app.get(JobRunner).start();

    const jobs = await waitFor('looked for', async () => {
      const waiting = await queuedJobs(service.database, 'resolve-pending-events');
      return waiting.every(({ runAt }) => runAt > new Date()) ? waiting : null;
    });
    const [row] = await service.database.rows<{ received_at: Date }>(
      'select received_at from webhook_events where mingus_user_id = $1',
      [young.id],
    );
    expect(jobs.map(({ payload }) => payload)).toEqual([[{ userId: young.id }]]);
    expect(jobs[0]?.runAt.getTime()).toBe((row?.received_at.getTime() ?? 0) + 36 * MINUTE_MS);
    expect(await service.database.count('webhook_events', `outcome = 'pending_user'`)).toBe(2);
  });

  async function ageBy(ms: number, userId: string) {
    await service.database.rows(
      `update webhook_events set received_at = received_at - $1 * interval '1 ms' where mingus_user_id = $2`,
      [ms, userId],
    );
  }
});

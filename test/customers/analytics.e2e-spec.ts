import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

interface TrackedEvent {
  id: string;
  name: string;
  source: string;
  user_id: string;
  properties: Fields;
  occurred_at: Date;
  recorded_at: Date;
}

/** The analytics event of a customer, once it has been recorded. */
function trackedEvent(service: TestApp, stripeEventId: string): Promise<TrackedEvent> {
  return waitFor('tracked', async () => {
    const [row] = await service.database.rows<TrackedEvent>(
      'select * from analytics_events where stripe_event_id = $1',
      [stripeEventId],
    );
    return row;
  });
}

async function deliverCustomer(
  service: TestApp,
  metadata: Record<string, string> = {},
  { customer = {}, event = {} }: { customer?: Fields; event?: Fields } = {},
) {
  const user = await service.createUser();
  const created = anEvent(aCustomer({ metadata: { ...user.metadata, ...metadata }, ...customer }), event);
  const { body } = await service.deliver(created);
  expect(body.notifications_sent).toBe(3);
  return { ...created, userId: user.id };
}

describe('analytics of customer creations', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  it('records the event with user properties, acquisition source and creation method', async () => {
    const { id, userId } = await deliverCustomer(
      service,
      {
        source: 'Newsletter',
        campaign: 'spring',
        referrer: 'https://example.com/a?b=c',
        utm_source: 'mail',
        utm_medium: 'email',
        utm_campaign: 'other',
        plan: 'pro',
      },
      {
        customer: {
          address: { country: 'DE' },
          created: 1_900_000_000,
          currency: 'eur',
          preferred_locales: ['de-DE', 'en'],
        },
        event: { created: 1_900_000_001 },
      },
    );

    expect(await trackedEvent(service, id)).toMatchObject({
      name: 'customer_created',
      source: 'newsletter',
      user_id: userId,
      occurred_at: new Date(1_900_000_000_000),
      properties: {
        creationMethod: 'api',
        livemode: false,
        campaign: 'spring',
        referrer: 'https://example.com/a?b=c',
        utm: { utm_source: 'mail', utm_medium: 'email', utm_campaign: 'other' },
        user: { createdAt: expect.any(String) },
        country: 'DE',
        currency: 'eur',
        locale: 'de-DE',
      },
    });
  });

  it('keeps several events of one name per customer, and each cause once', async () => {
    const { id } = await deliverCustomer(service);
    await trackedEvent(service, id);
    const insertAs = (cause: string) =>
      service.database.rows(
        `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at)
         select gen_random_uuid(), name, $2, customer_id, user_id, source, properties, occurred_at
         from analytics_events where stripe_event_id = $1 on conflict do nothing returning id`,
        [id, cause],
      );

    expect(await insertAs('evt_another')).toHaveLength(1);
    expect(await insertAs('evt_another')).toHaveLength(0);
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'unknown'],
    ['white space', { source: '  ' }, 'unknown'],
    ['utm_source', { utm_source: ' Google ' }, 'google'],
    ['both', { source: 'Partner', utm_source: 'google' }, 'partner'],
    ['a long text', { source: 'x'.repeat(500) }, 'x'.repeat(64)],
    ['an emoji on the edge', { source: `${'x'.repeat(63)}😀` }, `${'x'.repeat(63)}😀`],
    ['a NUL', { source: 'a\u0000b' }, 'a\uFFFDb'],
    ['a key of Object.prototype', { source: 'constructor' }, 'constructor'],
  ])('takes the acquisition source from the metadata: %s', async (_, metadata, source) => {
    const { id } = await deliverCustomer(service, metadata);

    expect((await trackedEvent(service, id)).source).toBe(source);
  });

  it.each<[string, unknown, string]>([
    ['an API request', { id: 'req_1', idempotency_key: 'k' }, 'api'],
    ['an API request of old versions', 'req_1', 'api'],
    ['the Dashboard or an automatic process', { id: null, idempotency_key: null }, 'dashboard_or_automatic'],
    ['nobody', null, 'dashboard_or_automatic'],
  ])('takes the creation method from event.request: %s', async (_, request, method) => {
    const { id } = await deliverCustomer(service, {}, { event: { request } });

    expect((await trackedEvent(service, id)).properties).toMatchObject({ creationMethod: method });
  });

  it('rolls up creations by UTC day and source', async () => {
    const late = Date.UTC(2030, 0, 1, 23, 59, 59) / 1000;
    const events = [
      await deliverCustomer(service, { source: 'ads' }, { customer: { created: late } }),
      await deliverCustomer(service, { source: 'ads' }, { customer: { created: late } }),
      await deliverCustomer(service, { source: 'ads' }, { customer: { created: late + 1 } }),
      await deliverCustomer(service, { source: 'blog' }, { customer: { created: late } }),
    ];
    for (const { id } of events) await trackedEvent(service, id);

    const { status, body } = await service.admin('analytics/daily?from=2030-01-01&to=2030-01-02');

    expect(status).toBe(200);
    expect(body).toEqual([
      { day: '2030-01-01', name: 'customer_created', source: 'ads', count: 2 },
      { day: '2030-01-01', name: 'customer_created', source: 'blog', count: 1 },
      { day: '2030-01-02', name: 'customer_created', source: 'ads', count: 1 },
    ]);
  });

  it('is delayed while its tables cannot be written; the customer is not affected', async () => {
    await service.database.rows('alter table analytics_events rename to analytics_events_away');
    const { id } = await deliverCustomer(service);
    await waitFor('tracking failed', async () =>
      (await queuedJobs(service.database, 'track-customer-created')).some(({ lastError }) => lastError),
    );

    await service.database.rows('alter table analytics_events_away rename to analytics_events');

    expect((await trackedEvent(service, id)).name).toBe('customer_created');
  });
});

describe('analytics jobs that run twice', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it('count a customer once', async () => {
    const day = { customer: { created: Date.UTC(2030, 5, 1) / 1000 } };
    for (const source of ['a', 'a', 'b']) await deliverCustomer(service, { source }, day);
    const task = 'track-customer-created';
    await service.database.rows(
      `select graphile_worker.add_job($1, payload) from graphile_worker._private_jobs
       where task_id = (select id from graphile_worker._private_tasks where identifier = $1)`,
      [task],
    );
    expect(await queuedJobs(service.database, task)).toHaveLength(6);

    await service.app.get(JobRunner).start();
    await waitFor('all done', async () => (await queuedJobs(service.database, task)).length === 0);

    expect(await service.database.count('analytics_events')).toBe(3);
    expect(
      await service.database.rows('select source, count::int from analytics_daily_rollups order by source'),
    ).toEqual([
      { source: 'a', count: 2 },
      { source: 'b', count: 1 },
    ]);
  });
});

describe('analytics that are switched off (ANALYTICS_ENABLED=false)', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { ANALYTICS_ENABLED: 'false' }, jobs: true });
  });
  afterAll(() => service.stop());

  it('write nothing, and the customer is set up', async () => {
    const { id } = await deliverCustomer(service, { source: 'ads' });

    await waitFor('all jobs done', async () => (await service.database.count('graphile_worker.jobs')) === 0);
    expect(await service.database.count('analytics_events')).toBe(0);
    expect(await service.database.count('analytics_daily_rollups')).toBe(0);
    expect(await service.database.count('customers', `stripe_event_id = '${id}'`)).toBe(1);
  });
});

describe('analytics that are forwarded (ANALYTICS_URL)', () => {
  const received: { status: number; authorization?: string; events: TrackedEvent[] }[] = [];
  let provider: Server;
  let nextStatus = 200;
  let service: TestApp;

  beforeAll(async () => {
    const port = await findFreePort();
    provider = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: TrackedEvent[] };
        received.push({ status: nextStatus, authorization: request.headers.authorization, events });
        response.writeHead(nextStatus).end();
      });
    });
    await new Promise<void>((resolve) => {
      provider.listen(port, '127.0.0.1', resolve);
    });
    const env = { ANALYTICS_URL: `http://127.0.0.1:${port}/events`, ANALYTICS_API_KEY: 'analytics-key' };
    service = await TestApp.start({ env, jobs: true });
  });
  afterAll(async () => {
    await service.stop();
    await new Promise((resolve) => {
      provider.close(resolve);
    });
  });

  it('reach the provider with its key', async () => {
    nextStatus = 200;
    const { id } = await deliverCustomer(service, { source: 'ads' });

    const { id: analyticsEventId } = await trackedEvent(service, id);
    const delivery = await waitFor('forwarded', () =>
      received.find(({ events }) => events.some((event) => event.id === analyticsEventId)),
    );

    expect(delivery.authorization).toBe('Bearer analytics-key');
    expect(delivery.events).toEqual([
      expect.objectContaining({ name: 'customer_created', stripeEventId: id, source: 'ads' }),
    ]);
  });

  it('are sent again with the same id after a 500; the customer is not affected', async () => {
    nextStatus = 500;
    const { id } = await deliverCustomer(service);
    const { id: analyticsEventId } = await trackedEvent(service, id);
    const attempts = () =>
      received.filter(({ events }) => events.some((event) => event.id === analyticsEventId));
    await waitFor('refused', () => attempts().length > 0);

    nextStatus = 200;
    await waitFor('sent again', () => attempts().some(({ status }) => status === 200));

    expect(
      attempts()
        .map(({ status }) => status)
        .at(0),
    ).toBe(500);
    expect(await service.database.count('analytics_events', `stripe_event_id = '${id}'`)).toBe(1);
    await waitFor('queue empty', async () => {
      const waiting = await queuedJobs(service.database, 'forward-analytics');
      return waiting.length === 0;
    });
  });
});

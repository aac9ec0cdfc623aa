import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { ADMIN_KEY, type Answer, request, TestApp } from '../support/test-app.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { waitFor } from '../support/wait-for.js';

/** The parts that readiness reports as down. */
function downParts({ body }: Answer): string[] {
  const parts = Object.entries(body.details as Record<string, { status: string }>);
  return parts.filter(([, { status }]) => status !== 'up').map(([part]) => part);
}

const getReadiness = (service: TestApp) => request(`${service.url}/health/ready`, {});

describe('health', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  const get = (path: string) => request(`${service.url}/${path}`, {});

  const isReady = async () => (await getReadiness(service)).status === 200;

  it('is live and ready with every part up', async () => {
    const [live, ready] = [await get('health/live'), await getReadiness(service)];

    expect(live.status).toBe(200);
    expect(ready.status).toBe(200);
    expect(ready.body.details).toEqual({
      database: { status: 'up' },
      schema: { status: 'up' },
      workers: { status: 'up', state: 'ok' },
      watchdog: { status: 'up' },
      jobWorker: { status: 'up' },
      oldestDueJob: { status: 'up' },
      mail: { status: 'up' },
    });
  });

  it('shows no version, host or cause without a key', async () => {
    await service.database.rows(`update migrations set name = name || '_'`);

    const answers = [await get('health/live'), await getReadiness(service)];

    await service.database.rows(`update migrations set name = rtrim(name, '_')`);
    for (const { body } of answers) {
      expect(JSON.stringify(body)).not.toMatch(
        /\d+\.\d+|localhost|postgres|migration|node|error":"|message/i,
      );
    }
  });

  it('is not ready, and reports "schema", with another schema than the code expects', async () => {
    await service.database.rows(`update migrations set name = name || '_'`);

    const ready = await getReadiness(service);

    await service.database.rows(`update migrations set name = rtrim(name, '_')`);
    expect(ready.status).toBe(503);
    expect(downParts(ready)).toEqual(['schema']);
    expect(await isReady()).toBe(true);
  });

  it('is not ready, and reports "oldestDueJob", while a job is long overdue', async () => {
    await service.database.rows(
      `select graphile_worker.add_job('task-without-handler', run_at := now() - interval '1 hour')`,
    );

    const ready = await getReadiness(service);

    await service.database.rows(
      `select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs`,
    );
    expect(ready.status).toBe(503);
    expect(downParts(ready)).toEqual(['oldestDueJob']);
  });

  it('is live but not ready while the database is down, and recovers without a restart', async () => {
    const { metadata } = await service.createUser();
    const event = anEvent(aCustomer({ metadata }));
    await service.database.shut();

    const ready = await waitFor('not ready', async () => {
      const answer = await getReadiness(service);
      return answer.status === 503 ? answer : null;
    });
    const [live, metrics, unsigned, webhook, admin] = [
      await get('health/live'),
      await get('metrics'),
      await request(`${service.url}/webhooks/stripe`, { method: 'POST', body: JSON.stringify(event) }),
      await service.deliver(event),
      await service.admin('customers'),
    ];
    await service.database.reopen();

    expect(downParts(ready)).toContain('database');
    expect(downParts(ready)).not.toContain('mail');
    expect(live.status).toBe(200);
    expect(metrics.status).toBe(200);
    expect(unsigned.status).toBe(400);
    expect(webhook.status).toBe(503);
    expect(Number(webhook.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(admin.status).toBe(503);
    expect(admin.body).toMatchObject({ code: 'database_unavailable' });
    await waitFor('ready again', isReady, 60_000);
    expect((await service.deliver(event)).body.notifications_sent).toBe(3);
    await waitFor(
      'mails sent',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 3,
    );
  }, 90_000);
});

describe('health without a mail server', () => {
  let service: TestApp;
  let smtp: SmtpSink;

  beforeAll(async () => {
    smtp = await SmtpSink.start({ closeTimeout: 100 });
    service = await TestApp.start({ jobs: true, smtp });
  });
  afterAll(() => service.stop());

  it('is not ready, and reports "mail"', { timeout: 60_000 }, async () => {
    await waitFor('ready', async () => (await getReadiness(service)).status === 200);
    await smtp.stop();

    const ready = await waitFor(
      'not ready',
      async () => {
        const answer = await getReadiness(service);
        return answer.status === 503 ? answer : null;
      },
      40_000,
    );

    expect(downParts(ready)).toEqual(['mail']);
  });
});

describe('health of a process whose worker does not work', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it('is not ready, and reports "jobWorker"', async () => {
    const { status, body } = await getReadiness(service);

    expect(status).toBe(503);
    expect(body.details.jobWorker).toEqual({ status: 'down' });
  });
});

describe('health of a process without the worker role', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { PROCESS_ROLES: 'api' } });
  });
  afterAll(() => service.stop());

  it('depends on database and schema only', async () => {
    const { status, body } = await getReadiness(service);

    expect(status).toBe(200);
    expect(Object.keys(body.details)).toEqual(['database', 'schema', 'workers', 'watchdog']);
    expect(body.details.workers).toEqual({ status: 'up', state: 'warning' });
  });

  it('is shown by metrics that count what was received, without personal data', async () => {
    const { id, metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));

    const { status, headers, body } = await request(`${service.url}/metrics`, {});

    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(body).toMatch(/^webhook_events_total\{type="customer.created",outcome="created"\} 1$/m);
    expect(body).toMatch(/^webhook_batch_seconds_count 1$/m);
    expect(body).toMatch(/^process_cpu_seconds_total /m);
    for (const personal of [id, customer.id, customer.email]) expect(body).not.toContain(personal);
  });

  it('has API documentation for people and for tools, with a way to authorise', async () => {
    const page = await request(`${service.url}/docs`, {});
    const { body } = await request(`${service.url}/docs-json`, {});

    expect(page.status).toBe(200);
    expect(page.body).toContain('swagger-ui');
    expect(body.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/webhooks/stripe',
        '/admin/users',
        '/admin/users/{id}',
        '/admin/users/{id}/arrived',
        '/admin/customers',
        '/admin/customers/{stripeCustomerId}',
        '/admin/webhook-events',
        '/admin/webhook-events/{stripeEventId}',
        '/admin/notifications',
        '/admin/notifications/{id}',
        '/admin/audit-entries',
        '/health/live',
        '/health/ready',
      ]),
    );
    for (const path of Object.keys(body.paths).filter((route) => route.startsWith('/admin'))) {
      for (const operation of Object.values<Record<string, unknown>>(body.paths[path])) {
        expect([path, operation.security]).toEqual([path, [{ bearer: [] }]]);
        expect([path, operation.summary]).toEqual([path, expect.any(String)]);
      }
    }
    expect(JSON.stringify(body)).not.toContain(ADMIN_KEY);
  });
});

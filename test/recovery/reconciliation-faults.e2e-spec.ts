import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { type Failure, FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { reconcile, reconciled } from '../support/reconciliations.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { ADMIN_KEY, request, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** A newest customer and older ones, one second apart. */
const LISTED_AT = Math.floor(Date.now() / 1000) - 3600;

describe('a reconciliation', { timeout: 120_000 }, () => {
  let stripe: FakeStripe;
  let service: TestApp;
  let env: Record<string, string>;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url, STRIPE_RATE_LIMIT: '0' };
    service = await TestApp.start({ jobs: true, env });
    await service.database.rows(
      `insert into users (id, email, name, created_at)
       select 'user-' || n, n || '@example.com', 'Ada', now() from generate_series(1, 2000) n`,
    );
  });
  afterEach(() => {
    stripe.outage = null;
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  let customers = 0;
  /** @param listed `first` makes them newer than all others, and Stripe lists the newest first */
  function putCustomers(count: number, listed: 'first' | 'last' = 'last') {
    const added = Array.from({ length: count }, () => {
      customers += 1;
      const created = listed === 'first' ? LISTED_AT + customers : LISTED_AT - customers;
      return aCustomer({ created, metadata: { mingus_user_id: `user-${customers}` } });
    });
    for (const customer of added) stripe.put(customer);
    return added;
  }

  const statusesOf = (ids: string[]) =>
    service.database.rows('select status from reconciliations where id = any($1)', [ids]);

  it.each<[string, Failure[]]>([
    ['a limit with a Retry-After', [{ status: 429, retryAfter: 1 }]],
    ['limits in a row', [429, 429, 429]],
    ['errors', [500, 502, 503]],
    ['connections that break', ['reset', 'reset']],
    ['no answer at all', ['hang']],
    ['a fault in the middle', ['answer', 'answer', 'answer', 503, 'answer', 429]],
  ])('survives %s', async (_, failures) => {
    putCustomers(120);
    stripe.failNext(...failures);

    const { report } = await reconcile(service);

    expect(report).toMatchObject({
      status: 'complete',
      counts: { customers: { missing: 120, repaired: 120 } },
    });
  });

  it('waits as long as Stripe asks for', async () => {
    stripe.failNext({ status: 429, retryAfter: 1 });
    const startedAt = performance.now();

    await reconcile(service);

    expect(performance.now() - startedAt).toBeGreaterThan(1000);
  });

  it.each<[string, Failure, string, string]>([
    ['limits', 429, 'incomplete', 'rate_limited'],
    ['errors', 500, 'incomplete', 'stripe_unavailable'],
    ['a key that is refused', 401, 'failed', 'key_refused'],
    ['a key without permission', 403, 'failed', 'permission_missing'],
  ])('that meets only %s is not complete, and continues later', async (_, failure, status, reason) => {
    const added = putCustomers(150);
    stripe.failNext('answer', 'answer', 'answer');
    stripe.outage = failure;
    const broken = await reconcile(service);
    stripe.outage = null;
    stripe.requests.length = 0;

    const resumed = await service.admin(`reconciliations/${broken.report.id}/resume`, {});
    const { report } = await reconciled(service, broken.report.id);

    expect(broken.report).toMatchObject({ status, reason });
    expect(broken.report.counts.customers).toMatchObject({ checked: 100 });
    expect(resumed.status).toBe(202);
    expect(report.status).toBe('complete');
    expect(report.counts.customers).toMatchObject({
      checked: customers,
      missing: added.length,
      repaired: added.length,
    });
    expect(stripe.requests.some(({ path }) => path.startsWith('/v1/events'))).toBe(false);
  });

  it('continues although the customer at which it stopped was deleted', async () => {
    putCustomers(150);
    stripe.failNext('answer', 'answer', 'answer');
    // It stops at once, without repeating the call.
    stripe.outage = 401;
    const { report: broken } = await reconcile(service);
    stripe.outage = null;
    stripe.delete(broken.position ?? '');

    await service.admin(`reconciliations/${broken.id}/resume`, {});

    const { report } = await reconciled(service, broken.id);
    expect(report).toMatchObject({
      status: 'complete',
      counts: { customers: { missing: 150, extra: 1, repaired: 151 } },
    });
  });

  it('that is cancelled stays cancelled, and does not prevent another one', async () => {
    stripe.outage = 'hang';
    const started = await service.admin('reconciliations', {});
    const second = await service.admin('reconciliations', {});
    const report = await service.admin('reconciliations', { dryRun: true });

    const cancelled = await service.admin(`reconciliations/${started.body.id}/cancel`, {});
    await service.admin(`reconciliations/${report.body.id}/cancel`, {});
    stripe.outage = null;
    const { report: third } = await reconcile(service);

    expect([second.status, second.body.code]).toEqual([409, 'reconciliation_running']);
    expect(report.status).toBe(202);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', reason: 'cancelled' });
    expect(third.status).toBe('complete');
    expect(await statusesOf([started.body.id, report.body.id])).toEqual([
      { status: 'cancelled' },
      { status: 'cancelled' },
    ]);
  });

  it('can run beside webhooks for the same customers: each is set up once', async () => {
    const added = putCustomers(100);

    const [{ report }, answers] = await Promise.all([
      reconcile(service),
      Promise.all(added.map((customer) => service.deliver(anEvent(customer, { created: customer.created })))),
    ]);

    expect(report).toMatchObject({ status: 'complete', counts: { customers: { failed: 0 } } });
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const [{ count, rows } = {}] = await service.database.rows(
      `select count(distinct stripe_customer_id)::int as count, count(*)::int as rows from customers
       where stripe_customer_id = any($1)`,
      [added.map(({ id }) => id)],
    );
    expect({ count, rows }).toEqual({ count: 100, rows: 100 });
  });

  // This test is the last one, because it ends the job worker of the others.
  it('whose worker is killed is continued by another, and counts everything once', async () => {
    const added = putCustomers(300, 'first');
    await service.app.get(JobRunner).stop();
    const processEnv = productionEnvironment(service.database.url, service.smtp.port, env);
    const first = await ServiceProcess.start({ ...processEnv, STRIPE_RATE_LIMIT: '1' });
    const { body } = await admin(first.url, 'reconciliations', {});
    await waitFor('a page is done', async () => (await countOf(body.id)) > 0, 60_000);

    await first.end('SIGKILL');
    await service.database.rows(
      `update graphile_worker._private_jobs set locked_at = null, locked_by = null, run_at = now()`,
    );
    const second = await ServiceProcess.start(processEnv);
    const report = await waitFor(
      'reconciliation ended',
      async () => {
        const { body: run } = await admin(second.url, `reconciliations/${body.id}`);
        return run.status === 'running' ? null : run;
      },
      60_000,
    );
    await second.end();

    expect(report).toMatchObject({
      status: 'complete',
      counts: { customers: { missing: 300, repaired: 300 } },
    });
    const ids = added.map(({ id }) => id);
    const [stored] = await service.database.rows(
      'select count(*)::int from customers where stripe_customer_id = any($1)',
      [ids],
    );
    expect(stored).toEqual({ count: 300 });
  });

  async function countOf(id: string): Promise<number> {
    const [row] = await service.database.rows<{ count: number }>(
      `select (counts -> 'customers' ->> 'repaired')::int as count from reconciliations where id = $1`,
      [id],
    );
    return row?.count ?? 0;
  }
});

function admin(url: string, path: string, body?: object) {
  return request(`${url}/admin/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
}

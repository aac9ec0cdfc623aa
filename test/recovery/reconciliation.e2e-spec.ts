import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, aUser, type Fields } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { queuedJobs } from '../support/jobs.js';
import { NO_DRIFT, reconcile } from '../support/reconciliations.js';
import { storedRows } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('a reconciliation', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url, STRIPE_RATE_LIMIT: '0' };
    service = await TestApp.start({ jobs: true, env });
  });
  beforeEach(async () => {
    happenedAgo(HOUR_MS);
    await reconcile(service, { notify: 'all' });
  });
  afterEach(() => {
    stripe.now = () => new Date();
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  /** The next changes to the fake Stripe count as made some time ago. */
  function happenedAgo(ms: number): void {
    const at = new Date(Date.now() - ms);
    stripe.now = () => at;
  }

  let runs = 0;
  /** Compares some seconds after the last run: a list lacks the second in which it is read. */
  function run(request: Fields = {}) {
    runs += 1;
    const at = new Date(Date.now() + runs * 3000);
    stripe.now = () => at;
    return reconcile(service, request);
  }

  /** A customer of one of our users, created at the fake's time. */
  async function aCustomerOfOurs(fields: Fields = {}) {
    const { metadata } = await service.createUser();
    return aCustomer({ metadata, created: stripe.state.nowSeconds, ...fields });
  }

  const stored = async ({ id }: { id: string }) => (await service.admin(`customers/${id}`)).body;
  const eventsOf = async ({ id }: { id: string }) =>
    service.database.rows<{ type: string; outcome: string }>(
      'select type, outcome from webhook_events where stripe_customer_id = $1 order by id',
      [id],
    );

  describe('of events', () => {
    it('processes those that were not delivered as if they had been', async () => {
      const customer = await aCustomerOfOurs();
      const created = stripe.state.createCustomer(customer);

      const { report, findings } = await run();

      const { events } = report.counts;
      expect(events).toMatchObject({ missing: 1, repaired: 1, unmatched: 0, failed: 0 });
      expect(findings).toMatchObject([
        { kind: 'missing', result: 'repaired', stripeEventId: created.id, stripeCustomerId: customer.id },
      ]);
      expect((await service.admin(`webhook-events/${created.id}`)).body).toMatchObject({
        outcome: 'created',
        reconciliationId: report.id,
      });
      expect((await stored(customer)).email).toBe(customer.email);
    });

    it('ends in the newest state, and sets up no customer twice', async () => {
      const customer = await aCustomerOfOurs();
      stripe.state.createCustomer(customer);
      stripe.state.updateCustomer(customer.id, { name: 'Second' });
      happenedAgo(HOUR_MS / 2);
      stripe.state.updateCustomer(customer.id, { name: 'Third' });

      const { report } = await run();

      expect(report.counts.events).toMatchObject({ missing: 3, repaired: 3 });
      expect(report.counts.customers).toMatchObject({ missing: 0, different: 0 });
      expect(await stored(customer)).toMatchObject({ name: 'Third', notifications: { length: 3 } });
    });

    it('makes a tombstone of a deleted customer, and sends no welcome', async () => {
      const customer = await aCustomerOfOurs();
      stripe.state.createCustomer(customer);
      stripe.state.deleteCustomer(customer.id);

      await run({ notify: 'all' });

      const { deletedAt, notifications } = await stored(customer);
      expect(deletedAt).not.toBeNull();
      expect(notifications.map(({ status }: { status: string }) => status)).not.toContain('queued');
      expect(service.smtp.to(customer.email)).toEqual([]);
    });

    it('lists undelivered ones first, then all, then customers, then what they subscribe to and pay', async () => {
      stripe.requests.length = 0;

      await run({ since: new Date(Date.now() - DAY_MS) });

      const lists = stripe.requests.map(({ path }) => new URL(path, stripe.url));
      const names = ['events', 'events', 'customers', 'subscriptions', 'invoices', 'disputes'];
      expect(lists.map(({ pathname }) => pathname)).toEqual(names.map((name) => `/v1/${name}`));
      const undelivered = lists.filter(({ searchParams }) => searchParams.has('delivery_success'));
      expect(undelivered).toEqual([lists[0]]);
      expect(undelivered[0]?.searchParams.get('delivery_success')).toBe('false');
    });

    it('goes back 30 days, and the list of customers as far as requested', async () => {
      stripe.requests.length = 0;

      const { report } = await run({ since: new Date(Date.now() - 90 * DAY_MS) });

      const daysBack = stripe.requests.map(({ path }) => {
        const since = new URL(path, stripe.url).searchParams.get('created[gte]');
        return Math.round((Date.parse(String(report.until)) / 1000 - Number(since)) / 86_400);
      });
      expect(daysBack).toEqual([30, 30, 90, 90, 90, 90]);
    });
  });

  describe('of customers', () => {
    it('sets up a customer without any event', async () => {
      const customer = await aCustomerOfOurs();
      stripe.put(customer);

      const { report, findings } = await run();

      expect(report.counts.customers).toMatchObject({ missing: 1, repaired: 1 });
      expect(findings).toMatchObject([
        { kind: 'missing', result: 'repaired', stripeCustomerId: customer.id },
      ]);
      expect(await stored(customer)).toMatchObject({
        email: customer.email,
        portalAccess: { status: 'active' },
      });
    });

    it.each([
      ['what Stripe has', { metadata: { plan: 'pro' } }, ['name', 'metadata']],
      ['all but the address where that was removed', { email: null }, ['name']],
    ])('names the fields that differ, without their values, and applies %s', async (_, changes, fields) => {
      const customer = await aCustomerOfOurs();
      stripe.state.createCustomer(customer);
      await run();
      stripe.put({ ...customer, name: 'Ada King', ...changes });

      const { report, findings } = await run();

      expect(report.counts.customers).toMatchObject({ different: 1, repaired: 1 });
      expect(findings).toMatchObject([{ kind: 'different', result: 'repaired', fields }]);
      expect(JSON.stringify(findings)).not.toContain('King');
      expect(await stored(customer)).toMatchObject({ name: 'Ada King', email: customer.email });
      expect((await run()).report.counts.customers).toMatchObject({ different: 0 });
    });

    it('repairs a customer that returns to an earlier state', async () => {
      const customer = await aCustomerOfOurs();
      stripe.put(customer);
      await run();
      const names: string[] = [];
      for (const name of ['Other', 'Ada Lovelace', 'Other']) {
        stripe.put({ ...customer, name });
        await run();
        names.push((await stored(customer)).name);
      }

      expect(names).toEqual(['Other', 'Ada Lovelace', 'Other']);
    });

    it("finds one that is missing in Stripe's list, fetches it, and marks it as deleted", async () => {
      const customer = await aCustomerOfOurs();
      stripe.state.createCustomer(customer);
      await run();
      stripe.delete(customer.id);

      const { report, findings } = await run();

      expect(report.counts.customers).toMatchObject({ extra: 1, repaired: 1 });
      expect(findings).toMatchObject([{ kind: 'extra', result: 'repaired', stripeCustomerId: customer.id }]);
      expect((await stored(customer)).deletedAt).not.toBeNull();
    });

    it('does not delete a customer that is unknown to Stripe: the key may belong to another account', async () => {
      const customer = await aCustomerOfOurs();
      await service.deliver({
        id: `evt_${customer.id}`,
        object: 'event',
        type: 'customer.created',
        created: stripe.state.nowSeconds,
        livemode: false,
        data: { object: customer },
      });

      const { report, findings } = await run();

      expect(report.counts.customers).toMatchObject({ extra: 1, repaired: 0 });
      expect(findings).toMatchObject([{ kind: 'extra', result: 'reported', reason: 'unknown_to_stripe' }]);
      expect((await stored(customer)).deletedAt).toBeNull();
      await service.database.rows('delete from customers where stripe_customer_id = $1', [customer.id]);
    });

    it.each([
      ['no user id', { metadata: {} }, 'unmatched', 'no_user_id'],
      [
        'a user who is not in MINGUS',
        { metadata: { mingus_user_id: 'nobody' } },
        'pending_user',
        'user_not_found',
      ],
      ['no address', { email: null }, 'rejected', 'missing_required_fields'],
    ])('counts a customer with %s as unmatched, and stores it once', async (_, fields, outcome, reason) => {
      const customer = aCustomer({ created: stripe.state.nowSeconds, ...fields });
      stripe.put(customer);

      const first = await run();
      const second = await run();

      const others = second.report.counts.customers.unmatched - 1;
      expect(first.report.counts.customers).toMatchObject({ missing: 1, repaired: 0, unmatched: others + 1 });
      expect(first.findings).toMatchObject([{ kind: 'missing', result: 'unmatched', reason }]);
      expect(second.findings).toEqual([]);
      const rows = await service.database.rows<{ outcome: string }>(
        `select outcome from webhook_events where body like '%' || $1 || '%'`,
        [customer.id],
      );
      expect(rows).toEqual([{ outcome }]);
    });
  });

  it('with dryRun reports the same and changes nothing', async () => {
    const [missing, different] = [await aCustomerOfOurs(), await aCustomerOfOurs()];
    stripe.put(different);
    await run();
    stripe.put(missing);
    stripe.put({ ...different, phone: '+49 30 123' });
    await waitFor(
      'all delivered',
      async () => (await queuedJobs(service.database, 'deliver-notification')).length === 0,
    );
    const before = await storedRows(service.database);

    const { report, findings } = await run({ dryRun: true });

    expect(report.counts.customers).toMatchObject({ missing: 1, different: 1, repaired: 0 });
    expect(findings.map(({ kind, result }) => [kind, result]).toSorted()).toEqual([
      ['different', 'reported'],
      ['missing', 'reported'],
    ]);
    const after = await storedRows(service.database);
    expect(after).toEqual({ ...before, audit_entries: (before.audit_entries ?? 0) + 1 });
    await run();
  });

  it('finds nothing in a second run', async () => {
    const silent = await aCustomerOfOurs();
    stripe.put(silent);
    stripe.state.createCustomer(await aCustomerOfOurs());
    await run();

    const { report, findings } = await run();

    const { events, customers } = report.counts;
    const nothing = { ...NO_DRIFT, checked: expect.any(Number), unmatched: expect.any(Number) };
    expect({ events, customers }).toEqual({ events: nothing, customers: nothing });
    expect(findings).toEqual([]);
    expect(await eventsOf(silent)).toHaveLength(1);
  });

  it('that found a customer without a user sets it up after the user has arrived', async () => {
    const user = aUser();
    const customer = aCustomer({ created: stripe.state.nowSeconds, metadata: { mingus_user_id: user.id } });
    stripe.put(customer);
    await run();
    await service.createUser(user);

    const { report } = await run();

    expect(report.counts.customers).toMatchObject({ missing: 1, repaired: 1 });
    expect(await eventsOf(customer)).toMatchObject([{ outcome: 'created' }]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDispute, anEventOf, anInvoice, anItem, aSubscription } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import type { FakeBilled } from '../support/fake-stripe/stripe-state.js';
import { NO_DRIFT, reconcile } from '../support/reconciliations.js';
import { TestApp } from '../support/test-app.js';

const HOUR_SECONDS = 3600;

describe('a reconciliation of subscriptions, invoices and disputes', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url, STRIPE_RATE_LIMIT: '0' };
    service = await TestApp.start({ jobs: true, env });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  /** Hours ago, in Unix seconds. */
  const ago = (hours: number) => Math.floor(Date.now() / 1000) - hours * HOUR_SECONDS;

  let runs = 0;
  /** Compares some seconds after the last run: a list lacks the second in which it is read. */
  function run(request: Fields = {}) {
    runs += 1;
    const at = new Date(Date.now() + runs * 3000);
    stripe.now = () => at;
    return reconcile(service, request);
  }

  /** A customer in Stripe, which the service knows if it is delivered. */
  async function aCustomerOfOurs() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: ago(900) });
    stripe.put(customer);
    return customer;
  }

  async function aKnownCustomer() {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer, { created: ago(900) }));
    return customer;
  }

  const inStripe = (billed: FakeBilled) => stripe.state.putBilled(billed);
  const begun = (hours: number, fields: Fields = {}) => ({
    created: ago(hours),
    start_date: ago(hours),
    ...fields,
  });
  const lifecycleOf = async (id: string) => (await service.admin(`customers/${id}`)).body.lifecycle;
  const stored = (table: string, id: string) =>
    service.database.count(table, `stripe_${table.slice(0, -1)}_id = '${id}'`);
  const movementsOf = (id: string) =>
    service.database.rows<{ kind: string; amount: number }>(
      `select kind, amount_minor::int as amount, occurred_at from mrr_movements m
       join customers c on c.id = customer_id where stripe_customer_id = $1 order by m.id`,
      [id],
    );

  it('sets up the customers of a backfill with their stages, revenue and payments, by the times of Stripe', async () => {
    const [active, churned, failing] = await Promise.all([
      aCustomerOfOurs(),
      aCustomerOfOurs(),
      aCustomerOfOurs(),
    ]);
    const going = inStripe(aSubscription(active.id, begun(800)));
    const ended = inStripe(
      aSubscription(
        churned.id,
        begun(700, { status: 'canceled', canceled_at: ago(500), ended_at: ago(400) }),
      ),
    );
    inStripe(aSubscription(failing.id, begun(600)));
    const paid = { created: ago(699), status_transitions: { paid_at: ago(699) } };
    inStripe(anInvoice(churned.id, paid));
    const open = inStripe(
      anInvoice(failing.id, { created: ago(2), status: 'open', amount_paid: 0, status_transitions: {} }),
    );
    inStripe(
      anInvoice(failing.id, {
        created: ago(1),
        status: 'draft',
        attempted: false,
        attempt_count: 0,
        amount_paid: 0,
      }),
    );

    const { report, findings } = await run();

    expect(report).toMatchObject({ status: 'complete', phase: 'done' });
    expect(report.counts.customers).toMatchObject({ missing: 3, repaired: 3 });
    expect(report.counts.subscriptions).toEqual({ ...NO_DRIFT, checked: 3, missing: 3, repaired: 3 });
    expect(report.counts.invoices).toEqual({ ...NO_DRIFT, checked: 3, missing: 2, repaired: 2 });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'missing',
        result: 'repaired',
        stripeCustomerId: churned.id,
        stripeObjectId: ended.id,
      }),
    );
    expect(findings.map(({ stripeObjectId }) => stripeObjectId)).toEqual(
      expect.arrayContaining([going.id, open.id]),
    );
    expect((await lifecycleOf(active.id)).stage).toBe('active');
    expect(await lifecycleOf(churned.id)).toMatchObject({
      stage: 'churned',
      stageEnteredAt: new Date((ended.ended_at as number) * 1000).toISOString(),
      milestones: { first_payment: expect.any(String) },
    });
    expect((await lifecycleOf(failing.id)).stage).toBe('at_risk');
    expect(await movementsOf(active.id)).toMatchObject([
      { kind: 'new', amount: 1000, occurred_at: new Date((going.start_date as number) * 1000) },
    ]);
  });

  it('keeps the failure of a payment that only an event showed, when another field is repaired', async () => {
    const customer = await aKnownCustomer();
    const subscription = inStripe(aSubscription(customer.id, begun(100)));
    await service.deliver(anEventOf('customer.subscription.created', subscription, ago(100)));
    const unpaid = {
      status: 'open',
      attempted: false,
      attempt_count: 0,
      amount_paid: 0,
      status_transitions: {},
    };
    const invoice = anInvoice(customer.id, { created: ago(50), ...unpaid });
    await service.deliver(anEventOf('invoice.payment_action_required', invoice, ago(49)));
    expect((await lifecycleOf(customer.id)).stage).toBe('at_risk');
    inStripe({ ...invoice, amount_due: 777 });

    const { findings } = await run();

    expect(findings).toContainEqual(
      expect.objectContaining({ stripeObjectId: invoice.id, kind: 'different', fields: ['amountDueMinor'] }),
    );
    expect((await lifecycleOf(customer.id)).stage).toBe('at_risk');
  });

  it('repairs one that differs, names the fields, and finds nothing in the next run', async () => {
    const customer = await aKnownCustomer();
    const subscription = inStripe(aSubscription(customer.id, begun(100)));
    await service.deliver(anEventOf('customer.subscription.created', subscription, ago(100)));
    inStripe({ ...subscription, status: 'past_due', cancel_at_period_end: true });

    const { report, findings } = await run();
    const second = await run();

    expect(report.counts.subscriptions).toMatchObject({ missing: 0, different: 1, repaired: 1 });
    expect(findings).toMatchObject([
      {
        kind: 'different',
        result: 'repaired',
        stripeCustomerId: customer.id,
        stripeObjectId: subscription.id,
        fields: ['status', 'cancelAtPeriodEnd'],
      },
    ]);
    expect((await lifecycleOf(customer.id)).stage).toBe('past_due');
    expect(second.findings).toEqual([]);
    expect(second.report.counts.subscriptions).toMatchObject({ missing: 0, different: 0, repaired: 0 });
    expect(
      await service.database.count(
        'webhook_events',
        `type = 'mingus.customer.subscription.listed' and stripe_customer_id = '${customer.id}'`,
      ),
    ).toBe(1);
  });

  it('reads all items of a subscription with more than ten', async () => {
    const customer = await aKnownCustomer();
    const items = Array.from({ length: 12 }, () => anItem());
    const subscription = inStripe(aSubscription(customer.id, begun(100), items));

    const first = await run();
    const second = await run();
    const changed = items.map((item, index) => (index === 11 ? { ...item, quantity: 2 } : item));
    inStripe({ ...subscription, items: { object: 'list', data: changed, has_more: false } });
    const third = await run();

    expect(first.findings).toMatchObject([
      { kind: 'missing', result: 'repaired', stripeObjectId: subscription.id },
    ]);
    expect(second.findings).toEqual([]);
    expect(third.findings).toMatchObject([{ kind: 'different', result: 'repaired', fields: ['items'] }]);
    expect(await movementsOf(customer.id)).toMatchObject([
      { kind: 'new', amount: 12_000 },
      { kind: 'expansion', amount: 1000 },
    ]);
  });

  it('changes nothing in a dry run, and reports the same', async () => {
    const customer = await aKnownCustomer();
    const subscription = inStripe(aSubscription(customer.id, begun(100)));
    const events = await service.database.count('webhook_events');

    const { report, findings } = await run({ dryRun: true });

    expect(report.counts.subscriptions).toMatchObject({ missing: 1, repaired: 0, failed: 0 });
    expect(findings).toMatchObject([
      { kind: 'missing', result: 'reported', stripeObjectId: subscription.id },
    ]);
    expect(await stored('subscriptions', subscription.id)).toBe(0);
    expect(await service.database.count('webhook_events')).toBe(events);
    await run();
    expect(await stored('subscriptions', subscription.id)).toBe(1);
  });

  it('finds disputes by the customer of their charge, and leaves out those of guests', async () => {
    const customer = await aKnownCustomer();
    inStripe(aSubscription(customer.id, begun(100)));
    const dispute = inStripe(
      aDispute('', { created: ago(50), charge: { id: 'ch_ours', object: 'charge', customer: customer.id } }),
    );
    inStripe(
      aDispute('', { created: ago(50), charge: { id: 'ch_guest', object: 'charge', customer: null } }),
    );

    const { report } = await run();

    expect(report.counts.disputes).toEqual({ ...NO_DRIFT, checked: 2, missing: 1, repaired: 1 });
    expect(await stored('disputes', dispute.id)).toBe(1);
    expect((await lifecycleOf(customer.id)).stage).toBe('at_risk');
  });

  it('writes nothing about what a deleted customer has left, and counts what has no customer here', async () => {
    const customer = await aKnownCustomer();
    const left = inStripe(aSubscription(customer.id, begun(100)));
    await service.deliver(anEventOf('customer.deleted', customer, ago(10)));
    stripe.delete(customer.id);
    inStripe(aSubscription(aCustomer().id, begun(100)));

    const { report } = await run();
    const again = await run();

    expect(await stored('subscriptions', left.id)).toBe(0);
    expect(report.counts.subscriptions).toMatchObject({ missing: 1, unmatched: 1, repaired: 0, failed: 0 });
    expect(again.report).toMatchObject({
      status: 'complete',
      counts: { subscriptions: { missing: 0, failed: 0 } },
    });
  });

  it('replays an event of Stripe and one of its own, and moves nothing twice', async () => {
    const customer = await aKnownCustomer();
    const listed = inStripe(aSubscription(customer.id, begun(100)));
    const { findings } = await run();
    const own = findings.find(({ stripeObjectId }) => stripeObjectId === listed.id)?.stripeEventId;
    const told = anEventOf('customer.subscription.created', aSubscription(customer.id, begun(90)), ago(90));
    await service.deliver(told);
    const before = await movementsOf(customer.id);

    for (const [id, dryRun] of [
      [own, true],
      [own, false],
      [told.id, true],
      [told.id, false],
    ] as const) {
      const { status, body } = await service.admin(`webhook-events/${id}/replay`, { dryRun });
      expect([status, body.outcome]).toEqual([200, 'updated']);
    }
    expect(before).toHaveLength(2);
    expect(await movementsOf(customer.id)).toEqual(before);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEventOf, anInvoice, anItem, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('the life of a customer', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  async function aCustomerOfOurs() {
    const { metadata } = await service.createUser();
    return aCustomer({ metadata, created: hour(-1) });
  }

  const viewOf = async (id: string) => (await service.admin(`customers/${id}`)).body;

  const movementsOf = (id: string) =>
    service.database.rows<{ kind: string; amount: number }>(
      `select m.kind, m.currency, m.amount_minor::int as amount, m.occurred_at
       from mrr_movements m join customers c on c.id = customer_id where stripe_customer_id = $1 order by m.id`,
      [id],
    );

  /** What the stored revenue is, and what the movements come to. */
  const revenueOf = async (id: string) => {
    const [row] = await service.database.rows<{ mrr: Record<string, number>; sum: number }>(
      `select mrr, (select coalesce(sum(amount_minor), 0)::int from mrr_movements m where m.customer_id = c.id) as sum
       from customers c join customer_revenues r on r.customer_id = c.id where stripe_customer_id = $1`,
      [id],
    );
    return row;
  };

  /** Trial, paid, failed, recovered, churned. */
  function aLife(customer: string) {
    const base = aSubscription(customer, { trial_start: hour(0), trial_end: hour(10) });
    const told = (type: string, at: number, fields: Fields) =>
      anEventOf(`customer.subscription.${type}`, { ...base, ...fields }, hour(at));
    const parent = { type: 'subscription_details', subscription_details: { subscription: base.id } };
    const first = anInvoice(customer, { parent, status_transitions: { paid_at: hour(10) } });
    const second = anInvoice(customer, { parent, amount_paid: 0, status: 'open', status_transitions: {} });
    const recovered = {
      ...second,
      amount_paid: 1000,
      status: 'paid',
      status_transitions: { paid_at: hour(22) },
    };
    return [
      told('created', 0, { status: 'trialing' }),
      anEventOf('invoice.paid', first, hour(10)),
      told('updated', 11, {}),
      anEventOf('invoice.payment_failed', second, hour(20)),
      told('updated', 21, { status: 'past_due' }),
      anEventOf('invoice.paid', recovered, hour(22)),
      told('updated', 23, {}),
      told('deleted', 30, { status: 'canceled', canceled_at: hour(29), ended_at: hour(30) }),
    ];
  }

  it('goes from trial over paid, failed and recovered to churned, and each answer lists what moved', async () => {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer));
    const [trial, paid, active, failed, pastDue, recovered, again, ended] = aLife(customer.id);
    const { object } = (trial as Fields).data as { object: { id: string } };
    const subscriptionId = object.id;
    const changesOf = async (event: typeof trial) => {
      const { status, body } = await service.deliver(event as Fields);
      expect([status, body.success, body.message]).toEqual([200, true, 'Customer updated']);
      expect(body.notifications_sent).toBe(0);
      return body.changes as string[];
    };

    expect(await changesOf(trial)).toEqual([
      `Subscription ${subscriptionId} is trialing`,
      'Lifecycle stage onboarding → trialing',
    ]);
    expect(await changesOf(paid)).toEqual([expect.stringMatching(/^Invoice in_\w+ is paid: 10.00 usd$/)]);
    expect(await changesOf(active)).toEqual([
      `Subscription ${subscriptionId} is active`,
      'MRR 0 → 10.00 usd',
      'Lifecycle stage trialing → active',
    ]);
    expect(await changesOf(failed)).toEqual([
      expect.stringMatching(/^Invoice in_\w+ is open, its payment failed$/),
      'Lifecycle stage active → at_risk',
    ]);
    expect(await changesOf(pastDue)).toContain('Lifecycle stage at_risk → past_due');
    expect(await changesOf(recovered)).toHaveLength(1);
    expect(await changesOf(again)).toContain('Lifecycle stage past_due → active');
    expect(await changesOf(ended)).toEqual([
      `Subscription ${subscriptionId} is canceled`,
      'MRR 10.00 → 0 usd',
      'Lifecycle stage active → churned',
    ]);

    const { lifecycle } = await viewOf(customer.id);
    expect(lifecycle).toMatchObject({
      stage: 'churned',
      stageEnteredAt: new Date(hour(30) * 1000).toISOString(),
      risks: [],
      milestones: {
        created: new Date(hour(-1) * 1000).toISOString(),
        trial_started: new Date(hour(0) * 1000).toISOString(),
        first_payment: new Date(hour(10) * 1000).toISOString(),
        upgraded: null,
        reactivated: null,
      },
    });
    expect(await movementsOf(customer.id)).toMatchObject([
      { kind: 'new', currency: 'usd', amount: 1000, occurred_at: new Date(hour(11) * 1000) },
      { kind: 'churn', currency: 'usd', amount: -1000, occurred_at: new Date(hour(30) * 1000) },
    ]);
    expect(await revenueOf(customer.id)).toEqual({ mrr: { usd: 0 }, sum: 0 });
  });

  it('ends the same in any order, with duplicates, also when the customer comes in the midst', async () => {
    const random = mulberry(7);
    for (let round = 0; round < 12; round += 1) {
      const customer = await aCustomerOfOurs();
      const life = [anEvent(customer, { created: hour(-1) }), ...aLife(customer.id)];
      const deliveries = shuffled([...life, ...life.filter(() => random() < 0.3)], random);
      for (const event of deliveries) expect((await service.deliver(event)).status).toBe(200);
      await decideWaiting(customer.id);

      const { lifecycle } = await viewOf(customer.id);
      expect(lifecycle, `round ${round}`).toMatchObject({
        stage: 'churned',
        stageEnteredAt: new Date(hour(30) * 1000).toISOString(),
        milestones: {
          trial_started: new Date(hour(0) * 1000).toISOString(),
          first_payment: new Date(hour(10) * 1000).toISOString(),
          upgraded: null,
          reactivated: null,
        },
      });
      expect((await revenueOf(customer.id))?.sum).toBe(0);
    }
  });

  /** Has the job of the events that wait for their customer done, as the worker would. */
  async function decideWaiting(customerId: string) {
    const { DecideWaitingEventsJob } =
      await import('../../src/webhooks/stored-events/waiting/decide-waiting-events.job.js');
    const [event] = await service.database.rows<{ stripe_event_id: string }>(
      `select stripe_event_id from webhook_events where stripe_customer_id = $1 and outcome = 'created'`,
      [customerId],
    );
    await service.app.get(DecideWaitingEventsJob).run([{ stripeEventId: event?.stripe_event_id as string }]);
    expect(await service.database.count('webhook_events', `outcome = 'pending_customer'`)).toBe(0);
  }

  it.each([
    ['in order', [0, 1, 2]],
    ['with the upgrade last', [0, 2, 1]],
    ['backwards', [2, 1, 0]],
  ])('is upgraded when the price of a subscription rises for a while: %s', async (_, order) => {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer));
    const item = anItem();
    const [small, large] = [1, 3].map((quantity) => ({
      items: { object: 'list', data: [{ ...item, quantity }], has_more: false },
    }));
    const subscription = aSubscription(customer.id, small);
    const updated = (fields: object, previous: object, at: number) => {
      const event = anEventOf('customer.subscription.updated', { ...subscription, ...fields }, hour(at));
      return { ...event, data: { ...(event.data as object), previous_attributes: previous } };
    };
    const events = [
      anEventOf('customer.subscription.created', subscription, hour(1)),
      updated(large as object, { items: (small as { items: object }).items, quantity: 1 }, 2),
      updated(small as object, { items: (large as { items: object }).items, quantity: 3 }, 3),
    ];

    for (const which of order) expect((await service.deliver(events[which] as Fields)).status).toBe(200);

    const { lifecycle } = await viewOf(customer.id);
    expect(lifecycle.milestones.upgraded).toBe(new Date(hour(2) * 1000).toISOString());
    expect(await revenueOf(customer.id)).toEqual({ mrr: { usd: 1000 }, sum: 1000 });
  });

  it('is not upgraded by a subscription that takes the place of one, also if the end arrives later', async () => {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer));
    const first = aSubscription(customer.id);
    const second = aSubscription(customer.id, { start_date: hour(5) }, [anItem({}, { quantity: 2 })]);
    const upgradedOf = async () => (await viewOf(customer.id)).lifecycle.milestones.upgraded;

    await service.deliver(anEventOf('customer.subscription.created', first, hour(1)));
    await service.deliver(anEventOf('customer.subscription.created', second, hour(5)));
    expect(await upgradedOf()).toBe(new Date(hour(5) * 1000).toISOString());
    const ended = { ...first, status: 'canceled', ended_at: hour(4) };
    await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(4)));

    expect(await upgradedOf()).toBeNull();
  });

  it('with two subscriptions loses one of them: a contraction, no churn', async () => {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer));
    const [small, large] = [
      aSubscription(customer.id),
      aSubscription(customer.id, { start_date: hour(2) }, [
        anItem({ unit_amount: 5000, unit_amount_decimal: '5000' }, { quantity: 2 }),
      ]),
    ];
    await service.deliver(anEventOf('customer.subscription.created', small, hour(1)));
    await service.deliver(anEventOf('customer.subscription.created', large, hour(2)));

    const ended = { ...large, status: 'canceled', ended_at: hour(3) };
    await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(3)));

    expect(await movementsOf(customer.id)).toMatchObject([
      { kind: 'new', amount: 1000 },
      { kind: 'expansion', amount: 10_000 },
      { kind: 'contraction', amount: -10_000 },
    ]);
    const { lifecycle } = await viewOf(customer.id);
    expect(lifecycle.stage).toBe('active');
    expect(lifecycle.milestones.upgraded).toBe(new Date(hour(2) * 1000).toISOString());
    expect(await revenueOf(customer.id)).toEqual({ mrr: { usd: 1000 }, sum: 1000 });
  });

  it('has all its events decided when they come together with its creation', async () => {
    const customer = await aCustomerOfOurs();
    const events = [anEvent(customer, { created: hour(-1) }), ...aLife(customer.id)];

    const answers = await Promise.all(events.map((event) => service.deliver(event)));
    await decideWaiting(customer.id);

    expect(answers.map(({ status }) => status)).toEqual(Array(events.length).fill(200));
    expect((await viewOf(customer.id)).lifecycle.stage).toBe('churned');
    expect((await revenueOf(customer.id))?.sum).toBe(0);
  });

  it('waits with an event for a customer that is not there yet, and says so', async () => {
    const customer = await aCustomerOfOurs();
    const event = anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1));

    const { status, body } = await service.deliver(event);

    expect(status).toBe(200);
    expect(body).toEqual({ success: false, error: 'Customer not found' });
    await service.deliver(anEvent(customer));
    await decideWaiting(customer.id);
    expect((await viewOf(customer.id)).lifecycle.stage).toBe('active');
  });

  it('of a deleted customer has ended, also if more events arrive', async () => {
    const customer = await aCustomerOfOurs();
    const subscription = aSubscription(customer.id);
    await service.deliver(anEvent(customer));
    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(1)));

    await service.deliver(anEventOf('customer.deleted', customer, hour(2)));
    const late = await service.deliver(anEventOf('customer.subscription.updated', subscription, hour(3)));

    expect(late.body.message).toBe('Newer state of the customer is known: nothing to do');
    expect((await viewOf(customer.id)).lifecycle.stage).toBe('churned');
    expect(await revenueOf(customer.id)).toEqual({ mrr: { usd: 0 }, sum: 0 });
  });

  it('adds up when many subscriptions of a customer change at the same time', async () => {
    const customer = await aCustomerOfOurs();
    await service.deliver(anEvent(customer));
    const events = Array.from({ length: 12 }, (_, index) =>
      anEventOf('customer.subscription.created', aSubscription(customer.id), hour(index)),
    );

    const answers = await Promise.all(events.map((event) => service.deliver(event)));

    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(await revenueOf(customer.id)).toEqual({ mrr: { usd: 12_000 }, sum: 12_000 });
  });
});

/** A small generator of random numbers with a seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

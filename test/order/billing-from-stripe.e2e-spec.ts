import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDispute, anEventOf, anInvoice, anItem, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, aThinEvent, type Fields } from '../support/builders.js';
import { billingRoutes } from '../support/fake-stripe/billing-routes.js';
import { asAnswered } from '../support/fake-stripe/subscription-items.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('an object that events about subscriptions and payments leave open', () => {
  const objects = new Map<string, Fields>();
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    stripe.serve(...billingRoutes(objects));
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ env, jobs: true });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  async function aStoredCustomer() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: hour(-1) });
    await service.deliver(anEvent(customer));
    return customer;
  }

  const put = (object: Fields & { id: string }) => objects.set(object.id, object);
  const lifecycleOf = async (id: string) => (await service.admin(`customers/${id}`)).body.lifecycle;
  const outcomeOf = async ({ id }: { id: string }) => {
    const [row] = await service.database.rows<{ outcome: string }>(
      'select outcome from webhook_events where stripe_event_id = $1',
      [id],
    );
    return row?.outcome;
  };
  const mrrOf = async (id: string) => {
    const [row] = await service.database.rows<{ mrr: object }>(
      'select mrr from customer_revenues r join customers c on c.id = customer_id where stripe_customer_id = $1',
      [id],
    );
    return row?.mrr;
  };
  const statusOf = async (subscriptionId: string) => {
    const [row] = await service.database.rows<{ status: string; state_told_by: string }>(
      'select status, state_told_by from subscriptions where stripe_subscription_id = $1',
      [subscriptionId],
    );
    return row;
  };

  const thin = (type: string, object: Fields & { id: string }, fields: Fields = {}) =>
    aThinEvent('', {
      type: `v1.${type}`,
      related_object: { id: object.id, type: object.object, url: `/v1/x/${object.id}` },
      ...fields,
    });

  it('is asked for when a thin event only names the object', async () => {
    const { id } = await aStoredCustomer();
    const subscription = aSubscription(id);
    put(subscription);
    const event = thin('customer.subscription.created', subscription);

    const { body } = await service.deliver(event);

    expect(body.message).toBe('Event accepted: its object is being fetched from Stripe');
    await waitFor('decided', async () => (await outcomeOf(event)) === 'updated');
    expect((await lifecycleOf(id)).stage).toBe('active');
  });

  it('has the effect of one when a thin event and its snapshot are about the same', async () => {
    const { id } = await aStoredCustomer();
    const subscription = aSubscription(id);
    put(subscription);
    const snapshot = anEventOf('customer.subscription.created', subscription, hour(1));
    await service.deliver(snapshot);

    const twin = thin('customer.subscription.created', subscription, { snapshot_event: snapshot.id });
    await service.deliver(twin);

    expect(await outcomeOf(twin)).toBe('duplicate');
    expect(
      await service.database.count(
        'mrr_movements m join customers c on c.id = m.customer_id',
        `stripe_customer_id = '${id}'`,
      ),
    ).toBe(1);
  });

  it.each([
    ['the newer first', ['past_due', 'active']],
    ['the older first', ['active', 'past_due']],
  ])('is asked for when two updates are of the same second: %s', async (_, statuses) => {
    const { id } = await aStoredCustomer();
    const subscription = aSubscription(id);
    put({ ...subscription, status: 'past_due' });
    const at = Math.floor(Date.now() / 1000) - 60;
    for (const status of statuses)
      await service.deliver(anEventOf('customer.subscription.updated', { ...subscription, status }, at));

    await waitFor('asked', async () => (await statusOf(subscription.id))?.state_told_by === 'api');

    expect((await statusOf(subscription.id))?.status).toBe('past_due');
    expect((await lifecycleOf(id)).stage).toBe('past_due');
  });

  it('needs no question when one of the same second is the creation or the end', async () => {
    const { id } = await aStoredCustomer();
    const subscription = aSubscription(id);
    const before = stripe.requests.length;
    const told = (type: string, fields: Fields) =>
      service.deliver(anEventOf(`customer.subscription.${type}`, { ...subscription, ...fields }, hour(1)));

    await told('deleted', { status: 'canceled', ended_at: hour(1) });
    await told('updated', {});
    await told('created', { status: 'incomplete' });

    expect((await statusOf(subscription.id))?.status).toBe('canceled');
    expect(await service.database.count('graphile_worker.jobs', `key = 'refresh:${subscription.id}'`)).toBe(
      0,
    );
    expect(stripe.requests.length).toBe(before);
  });

  it('is asked for when a discount is named by its id only', async () => {
    const { id } = await aStoredCustomer();
    const subscription = aSubscription(id, { discounts: ['di_1'] });
    const coupon = { id: 'half', duration: 'forever', percent_off: 50 };
    put({ ...subscription, discounts: [{ id: 'di_1', source: { coupon } }] });

    const created = await service.deliver(
      anEventOf('customer.subscription.created', subscription, Math.floor(Date.now() / 1000) - 60),
    );
    expect(created.body.changes).toEqual([
      `Subscription ${subscription.id} is active`,
      'Lifecycle stage onboarding → active',
    ]);

    await waitFor('asked', async () => (await statusOf(subscription.id))?.state_told_by === 'api');
    const renewed = { ...subscription, cancel_at_period_end: true };
    put({ ...renewed, discounts: [{ id: 'di_1', source: { coupon } }] });
    const updated = await service.deliver(
      anEventOf('customer.subscription.updated', renewed, Math.floor(Date.now() / 1000) + 60),
    );
    expect(updated.body.changes).toEqual([
      `Subscription ${subscription.id} is active`,
      'Lifecycle stage active → at_risk',
    ]);
    expect(
      await service.database.rows(
        `select mrr, is_price_known from subscriptions where stripe_subscription_id = $1`,
        [subscription.id],
      ),
    ).toEqual([{ mrr: { usd: 500 }, is_price_known: true }]);
  });

  it('is asked for when it has more items than the ten in an event', async () => {
    const { id } = await aStoredCustomer();
    const items = Array.from({ length: 12 }, () => anItem());
    const subscription = aSubscription(id, {}, items);
    put(subscription);
    const event = anEventOf('customer.subscription.created', asAnswered(subscription), hour(1));

    await service.deliver(event);

    await waitFor('asked', async () => (await statusOf(subscription.id))?.state_told_by === 'api');
    expect(await mrrOf(id)).toEqual({ usd: 12_000 });

    const paused = { ...subscription, pause_collection: { behavior: 'void' } };
    put(paused);
    const at = Math.floor(Date.now() / 1000) + 60;
    await service.deliver(anEventOf('customer.subscription.updated', asAnswered(paused), at));
    expect(await mrrOf(id)).toEqual({ usd: 12_000 });
  });

  it('is asked for when it has more items than the ten in an event, and an unknown coupon', async () => {
    const { id } = await aStoredCustomer();
    const coupon = { id: 'half', duration: 'forever', percent_off: 50 };
    const stored = aSubscription(id, { discounts: [{ id: 'di_1', source: { coupon } }] });
    await service.deliver(anEventOf('customer.subscription.created', stored, hour(1)));
    const items = Array.from({ length: 12 }, () => anItem());
    const grown = { ...stored, items: { object: 'list', data: items, has_more: false } };
    put(grown);

    const event = anEventOf(
      'customer.subscription.updated',
      { ...asAnswered(grown), discounts: ['di_1'] },
      hour(2),
    );
    await service.deliver(event);
    expect(await mrrOf(id)).toEqual({ usd: 500 });

    await waitFor('asked', async () => (await statusOf(stored.id))?.state_told_by === 'api');
    expect(await mrrOf(id)).toEqual({ usd: 6000 });
  });

  it('is asked for when the discount of an item is named by its id only', async () => {
    const { id } = await aStoredCustomer();
    const coupon = { id: 'half', duration: 'forever', percent_off: 50 };
    const item = anItem({}, { discounts: [{ id: 'di_item', source: { coupon } }] });
    const subscription = aSubscription(id, {}, [item, anItem()]);
    put(subscription);

    await service.deliver(anEventOf('customer.subscription.created', asAnswered(subscription), hour(1)));

    await waitFor('asked', async () => (await statusOf(subscription.id))?.state_told_by === 'api');
    expect(await mrrOf(id)).toEqual({ usd: 1500 });
    expect(
      await service.database.rows(
        'select is_price_known from subscriptions where stripe_subscription_id = $1',
        [subscription.id],
      ),
    ).toEqual([{ is_price_known: true }]);
  });

  it('is asked for to learn whose a dispute is: a risk until it is decided', async () => {
    const { id } = await aStoredCustomer();
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(id), hour(1)));
    const charge = { id: `ch_${id.slice(4)}`, object: 'charge', customer: id, currency: 'usd' };
    const dispute = aDispute(charge.id);
    put(charge);
    put(dispute);
    const opened = anEventOf('charge.dispute.created', dispute, hour(2));

    await service.deliver(opened);

    await waitFor('decided', async () => (await outcomeOf(opened)) === 'updated');
    expect(await lifecycleOf(id)).toMatchObject({ stage: 'at_risk', risks: ['dispute_open'] });

    put({ ...dispute, status: 'lost' });
    const closed = anEventOf('charge.dispute.closed', { ...dispute, status: 'lost' }, hour(3));
    await service.deliver(closed);
    await waitFor('decided', async () => (await outcomeOf(closed)) === 'updated');
    expect(await lifecycleOf(id)).toMatchObject({ stage: 'active', risks: [] });
  });

  it('waits for its customer and follows the creation by itself', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: hour(-1) });
    const invoice = anInvoice(customer.id);
    const subscription = aSubscription(customer.id, {}, [anItem({}, { quantity: 3 })]);
    const events = [
      anEventOf('invoice.paid', invoice, hour(1)),
      anEventOf('customer.subscription.created', subscription, hour(1)),
      anEventOf(
        'charge.refunded',
        {
          id: 'ch_2',
          object: 'charge',
          customer: customer.id,
          currency: 'usd',
          amount: 5,
          amount_refunded: 5,
        },
        hour(2),
      ),
      anEventOf(
        'checkout.session.completed',
        { id: 'cs_1', object: 'checkout.session', customer: customer.id, mode: 'subscription' },
        hour(1),
      ),
    ];
    for (const event of events) {
      const { status, body } = await service.deliver(event);
      expect([status, body]).toEqual([200, { success: false, error: 'Customer not found' }]);
    }

    await service.deliver(anEvent(customer));

    for (const event of events)
      await waitFor(`decided: ${event.type}`, async () => (await outcomeOf(event)) === 'updated');
    expect(await lifecycleOf(customer.id)).toMatchObject({
      stage: 'active',
      milestones: { first_payment: new Date(hour(0) * 1000).toISOString() },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeEventBodiesJob } from '../../src/webhooks/stored-events/retention/purge-event-bodies.job.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const TABLES = ['subscriptions', 'invoices', 'disputes', 'customer_revenues', 'mrr_movements'];

describe('subscriptions and payments of a person', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  async function aPayingCustomer() {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, created: hour(-1) });
    const subscription = aSubscription(customer.id);
    await service.deliver(anEvent(customer));
    await service.deliver(anEventOf('invoice.paid', anInvoice(customer.id), hour(0)));
    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(0)));
    return { customer, subscription };
  }

  const rowsOf = async (stripeCustomerId: string) => {
    const counts = TABLES.map(
      (table) => `select '${table}' as name, count(*)::int from ${table} t
        join customers c on c.id = t.customer_id where stripe_customer_id = $1`,
    );
    const rows = await service.database.rows<{ name: string; count: number }>(counts.join(' union all '), [
      stripeCustomerId,
    ]);
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };

  it('are in the export', async () => {
    const { customer, subscription } = await aPayingCustomer();

    const { body } = await service.admin(`customers/${customer.id}/export`);

    expect(body.tables.subscriptions).toMatchObject([{ stripe_subscription_id: subscription.id }]);
    expect(body.tables.invoices).toHaveLength(1);
    expect(body.tables.customer_revenues).toMatchObject([{ mrr: { usd: 1000 } }]);
    expect(body.tables.mrr_movements).toMatchObject([{ kind: 'new', amount_minor: 1000 }]);
  });

  it('are in the timeline and the audit', async () => {
    const { customer, subscription } = await aPayingCustomer();

    const { body } = await service.admin(`customers/${customer.id}/timeline?limit=100`);

    const items = body.items as { type: string; what: string; details: { details?: object } }[];
    expect(items.map(({ type, what }) => `${type} ${what}`)).toEqual(
      expect.arrayContaining([
        'revenue new',
        'lifecycle active',
        'act invoice.changed',
        'act subscription.changed',
        'event customer.subscription.created',
      ]),
    );
    const entry = items.find(({ what }) => what === 'subscription.changed');
    expect(entry?.details.details).toMatchObject({
      stripeSubscriptionId: subscription.id,
      status: { before: null, after: 'active' },
    });
  });

  it('are deleted with the person, and the movements still add up', async () => {
    const { customer, subscription } = await aPayingCustomer();

    const erasure = await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });
    expect(erasure.status).toBe(200);
    const late = await service.deliver(anEventOf('customer.subscription.updated', subscription, hour(9)));

    expect([late.status, late.body.success]).toEqual([200, true]);
    expect(await rowsOf(customer.id)).toEqual({
      subscriptions: 0,
      invoices: 0,
      disputes: 0,
      customer_revenues: 1,
      mrr_movements: 2,
    });
    expect(
      await service.database.rows(
        `select sum(amount_minor)::int as sum, count(m.stripe_event_id)::int as events
         from mrr_movements m join customers c on c.id = customer_id where stripe_customer_id = $1`,
        [customer.id],
      ),
    ).toEqual([{ sum: 0, events: 0 }]);
    expect(
      await service.database.count(
        'webhook_events',
        `stripe_customer_id = '${customer.id}' and body is not null`,
      ),
    ).toBe(0);
    expect((await service.admin(`customers/${customer.id}`)).body.lifecycle.stage).toBe('churned');
  });

  it('of a customer that never arrived are erased while they wait', async () => {
    const { id } = aCustomer();
    const event = anEventOf('customer.subscription.created', aSubscription(id), hour(0));
    await service.deliver(event);

    const { status } = await service.admin(`customers/${id}/erase`, { confirm: id });

    expect(status).toBe(200);
    expect(
      await service.database.rows(
        'select outcome, error_code, body from webhook_events where stripe_event_id = $1',
        [event.id],
      ),
    ).toEqual([{ outcome: 'rejected', error_code: 'person_erased', body: null }]);
  });

  it('wait 400 days for a customer that never arrives', async () => {
    const event = anEventOf('invoice.paid', anInvoice(aCustomer().id), hour(0));
    await service.deliver(event);
    const age = (days: number) =>
      service.database.rows(
        `update webhook_events set received_at = now() - $2 * interval '1 day' where stripe_event_id = $1`,
        [event.id, days],
      );
    const purge = () => service.app.get(PurgeEventBodiesJob).run();
    const stored = () =>
      service.database.rows(
        'select outcome, body is null as is_purged from webhook_events where stripe_event_id = $1',
        [event.id],
      );

    await age(399);
    await purge();
    expect(await stored()).toEqual([{ outcome: 'pending_customer', is_purged: false }]);
    await age(401);
    await purge();

    expect(await stored()).toEqual([{ outcome: 'unmatched', is_purged: true }]);
    const { body } = await service.admin(`audit-entries?objectId=${event.id}`);
    expect(body.items).toMatchObject([
      { details: { outcomeBefore: 'pending_customer', outcome: 'unmatched' } },
    ]);
  });
});

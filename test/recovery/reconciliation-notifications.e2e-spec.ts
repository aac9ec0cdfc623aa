import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { reconcile } from '../support/reconciliations.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const LISTED_AT = Math.floor(Date.now() / 1000) - 3600;

describe('customers that a reconciliation finds', () => {
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

  function put(metadata: Fields) {
    const customer = aCustomer({ metadata, created: LISTED_AT });
    stripe.put(customer);
    return customer;
  }

  const notificationsOf = async ({ id }: { id: string }) =>
    ((await service.admin(`customers/${id}`)).body.notifications ?? []) as {
      status: string;
      reason: string;
    }[];
  const summaryOf = async (customer: { id: string }) =>
    (await notificationsOf(customer)).map(({ status, reason }) => `${status} ${reason}`);

  it('get no messages unless requested: their messages are suppressed permanently', async () => {
    const customer = put((await service.createUser()).metadata);

    const { report } = await reconcile(service);

    expect(await summaryOf(customer)).toEqual(Array(3).fill('suppressed imported'));
    const [event] = await service.database.rows<{ id: string }>(
      'select stripe_event_id as id from webhook_events where reconciliation_id = $1',
      [report.id],
    );
    await service.admin(`webhook-events/${event?.id}/replay`, {});
    await service.deliver(anEvent(customer));
    expect(await summaryOf(customer)).toEqual(Array(3).fill('suppressed imported'));
    expect(service.smtp.to(customer.email)).toEqual([]);
  });

  it('are welcomed like any other if requested', async () => {
    const customer = put((await service.createUser()).metadata);

    await reconcile(service, { notify: 'all' });

    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
  });

  it.each([
    ['none', Array(3).fill('suppressed imported')],
    ['all', Array(3).fill('sent null')],
  ])('are treated as requested (%s), even when their user arrives later', async (notify, expected) => {
    const user = aUser();
    const customer = put({ mingus_user_id: user.id });
    await reconcile(service, { notify });

    await service.admin('users', user);

    await waitFor('set up', async () => {
      const statuses = await summaryOf(customer);
      return JSON.stringify(statuses) === JSON.stringify(expected);
    });
    expect(service.smtp.to(customer.email)).toHaveLength(notify === 'all' ? 3 : 0);
  });

  it('are treated as requested, even when Stripe delivers the event later', async () => {
    const user = aUser();
    const customer = aCustomer({ metadata: { mingus_user_id: user.id }, created: LISTED_AT });
    stripe.now = () => new Date(LISTED_AT * 1000);
    const event = stripe.state.createCustomer(customer);
    stripe.now = () => new Date();
    await reconcile(service);
    await service.createUser(user);

    const { body } = await service.deliver(event);

    expect(body).toMatchObject({ success: true, notifications_sent: 0 });
    expect(await summaryOf(customer)).toEqual(Array(3).fill('suppressed imported'));
  });

  it.each([
    [{ since: 'yesterday' }, 400],
    [{ since: '2999-01-01T00:00:00Z' }, 400],
    [{ notify: 'some' }, 400],
    [{ notify: true }, 400],
    [{ dryRun: 'no' }, 400],
    [{ until: '2026-01-01' }, 400],
    [[], 400],
  ])('are not searched after an invalid request: %j', async (body, status) => {
    expect((await service.admin('reconciliations', body)).status).toBe(status);
  });

  it.each(['', '/findings', '/cancel', '/resume'])('are not shown for an unknown id: %s', async (path) => {
    const id = '01a20d9b-c387-7000-8000-0755b15c6378';
    const isAct = path === '/cancel' || path === '/resume';
    const answer = await service.admin(`reconciliations/${id}${path}`, isAct ? {} : undefined);

    expect([answer.status, answer.body.code]).toEqual([404, 'reconciliation_not_found']);
  });
});

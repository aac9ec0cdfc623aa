import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aLife } from '../../chaos/life.js';
import { Random } from '../../chaos/random.js';
import { compareMail } from '../../chaos/mail-copies.js';
import { anEventOf, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import {
  type ExpectedLife,
  findBrokenPromises,
  findUnfinishedWork,
  findWrongLives,
  type RunSql,
} from '../support/database/invariants.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Faults made with SQL, each with the broken promise that must be reported. */
const FAULTS = {
  lost_events: [`delete from webhook_events where stripe_event_id = $1`],
  events_without_customer: [
    `update webhook_events set customer_id = gen_random_uuid() where stripe_event_id = $1`,
  ],
  customers_twice: [
    `alter table customers drop constraint uq_customers_stripe_customer_id`,
    `update customers set stripe_customer_id = (select min(stripe_customer_id) from customers), livemode = false`,
  ],
  customers_without_event: [`update webhook_events set outcome = 'duplicate' where stripe_event_id = $1`],
  wrong_preferences: [`delete from customer_preferences where customer_id = $customer`],
  wrong_portal_accesses: [`delete from portal_accesses where customer_id = $customer`],
  wrong_lifecycles: [`delete from customer_lifecycles where customer_id = $customer`],
  wrong_lifecycle_starts: [`delete from lifecycle_transitions where customer_id = $customer`],
  broken_stage_histories: [`update customer_lifecycles set stage = 'churned' where customer_id = $customer`],
  movements_without_revenue: [
    `update customer_revenues set mrr = '{"usd": 999}' where customer_id = $customer`,
  ],
  broken_revenue_histories: [
    `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at, recorded_at)
     select gen_random_uuid(), customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at, recorded_at
     from mrr_movements where customer_id = $customer`,
  ],
  wrong_audit_entries: [
    `alter table audit_entries disable trigger all`,
    `delete from audit_entries where customer_id = $customer`,
  ],
  wrong_notifications: [`delete from notifications where customer_id = $customer and kind = 'welcome'`],
  notification_kinds_twice: [
    `alter table notifications drop constraint uq_notifications_user_id_kind_channel`,
    `update notifications set kind = 'welcome' where customer_id = $customer`,
  ],
  orphaned_audit_entries: [
    `alter table audit_entries disable trigger all`,
    `update audit_entries set customer_id = gen_random_uuid() where customer_id = $customer`,
  ],
  orphaned_analytics_events: [
    `update analytics_events set customer_id = gen_random_uuid() where customer_id = $customer`,
  ],
  notifications_without_job: [`update notifications set status = 'queued' where customer_id = $customer`],
  notifications_with_two_jobs: [
    `select graphile_worker.add_job('deliver-notification', '{"notificationId":"twice"}')`,
    `select graphile_worker.add_job('deliver-notification', '[{"notificationId":"twice"}]')`,
  ],
  untracked_customers: [`delete from analytics_events where customer_id = $customer`],
  customers_tracked_twice: [
    `alter table analytics_events drop constraint uq_analytics_events_cause`,
    `update analytics_events set customer_id = $customer`,
  ],
};

const UNFINISHED = {
  waiting_notifications: [`update notifications set status = 'queued' where customer_id = $customer`],
  failed_notifications: [`update notifications set status = 'failed' where customer_id = $customer`],
  undecided_events: [`update webhook_events set outcome = 'fetching' where stripe_event_id = $1`],
  jobs_left: [`select graphile_worker.add_job('keep-house', run_at := now() + interval '1 day')`],
};

describe('the invariant check', () => {
  let service: TestApp;
  let events: { id: string }[];

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
    events = [];
    for (let i = 0; i < 2; i += 1) {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata });
      const event = anEvent(customer);
      await service.deliver(event);
      await service.deliver(anEventOf('customer.subscription.created', aSubscription(customer.id), hour(0)));
      events.push(event);
    }
    await waitFor(
      'queue empty',
      async () => (await service.database.count('graphile_worker._private_jobs')) === 0,
    );
  });
  afterAll(() => service.stop());

  /** The broken promises reported while a fault exists. The fault is rolled back afterwards. */
  async function reportedAfter<T>(fault: readonly string[], check: (sql: RunSql) => Promise<T>): Promise<T> {
    const [{ customer_id: customerId } = {}] = await service.database.rows(
      'select customer_id from webhook_events where stripe_event_id = $1',
      [events[0]?.id],
    );
    const sql: RunSql = (text, values) => service.database.rows(text, values);
    await sql('begin');
    try {
      for (const statement of fault) {
        const text = statement.replace('$customer', `'${customerId as string}'`);
        await sql(text, text.includes('$1') ? [events[0]?.id] : []);
      }
      return await check(sql);
    } finally {
      await sql('rollback');
    }
  }

  const ids = () => events.map(({ id }) => id);

  it('reports nothing without a fault', async () => {
    expect(await reportedAfter([], (sql) => findBrokenPromises(sql, ids()))).toEqual({});
    expect(await reportedAfter([], findUnfinishedWork)).toEqual({});
  });

  it.each(Object.entries(FAULTS))('reports %s', async (promise, fault) => {
    const broken = await reportedAfter(fault, (sql) => findBrokenPromises(sql, ids()));

    expect(Object.keys(broken)).toContain(promise);
  });

  it.each(Object.entries(UNFINISHED))('reports %s', async (promise, fault) => {
    const unfinished = await reportedAfter(fault, findUnfinishedWork);

    expect(Object.keys(unfinished)).toContain(promise);
  });
});

describe('the check of lives', () => {
  let service: TestApp;
  let life: ExpectedLife;

  beforeAll(async () => {
    service = await TestApp.start();
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    const { events, ...expected } = aLife(customer.id, new Random(3));
    for (const event of events.toReversed()) expect((await service.deliver(event)).status).toBe(200);
    life = expected;
  });
  afterAll(() => service.stop());

  const wrongIn = async (expected: ExpectedLife) =>
    Object.keys(await findWrongLives((text, values) => service.database.rows(text, values), [expected]));

  it('finds nothing wrong after events in reverse order', async () => {
    expect(await wrongIn(life)).toEqual([]);
  });

  it('finds a lost payment, a wrong state and a wrong milestone', async () => {
    const { payments, milestones } = life;
    expect(await wrongIn({ ...life, status: 'unpaid' })).toEqual(['wrong_subscriptions']);
    expect(await wrongIn({ ...life, payments: [...payments, { id: 'in_lost', status: 'paid' }] })).toEqual([
      'wrong_payments',
    ]);
    expect(await wrongIn({ ...life, payments: payments.map(({ id }) => ({ id, status: 'void' })) })).toEqual([
      'wrong_payments',
    ]);
    expect(
      await wrongIn({ ...life, milestones: { ...milestones, reactivated: new Date().toISOString() } }),
    ).toEqual(['wrong_milestones']);
  });
});

describe('the comparison of messages with notifications', () => {
  const sql: RunSql = async () => [
    { id: 'one', status: 'sent' },
    { id: 'two', status: 'sent' },
    { id: 'three', status: 'queued' },
  ];

  it.each([
    ['nothing while each sent one arrived once', ['one@x', 'two@x'], { extraCopies: 0, repeated: [] }],
    ['a message that never arrived', ['one@x'], { neverArrived: ['two'] }],
    [
      'a message that arrived twice',
      ['one@x', 'two@x', 'one@x'],
      { extraCopies: 1, repeated: [{ messageId: 'one@x', copies: 2 }] },
    ],
    ['a message of no notification', ['one@x', 'two@x', 'other@x'], { unknown: ['other'] }],
    ['no fault in one that arrived and is not marked yet', ['one@x', 'two@x', 'three@x'], { unknown: [] }],
  ])('reports %s', async (_, log, expected) => {
    expect(await compareMail(log, sql)).toMatchObject(expected);
  });
});

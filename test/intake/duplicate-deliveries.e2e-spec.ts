import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEventOf, anItem, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { type Answer, deliver, testEnvironment } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';

const DELIVERIES = 64;
const CHANGES = 40;
const ROUNDS = [1, 2, 3, 4, 5];

describe('parallel deliveries to two processes', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let services: ServiceProcess[];

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    const env = testEnvironment(database.url, smtp.port, {
      NODE_ENV: 'production',
      STRIPE_SECRET_KEY: 'sk_test_0123456789',
      PROCESS_ROLES: 'api',
    });
    services = await Promise.all([ServiceProcess.start(env), ServiceProcess.start(env)]);
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.end()));
    await smtp.stop();
    await database.drop();
  });

  async function createUser() {
    const { id, email } = aUser();
    await database.rows('insert into users (id, email, created_at) values ($1, $2, now())', [id, email]);
    return { mingus_user_id: id };
  }

  /** Delivers all events at once, every second one to the other process. */
  function deliverAll(events: readonly Fields[]): Promise<Answer[]> {
    return Promise.all(
      events.map((event, index) => deliver(services[index % services.length]?.url ?? '', event)),
    );
  }

  function expectOneCreated(answers: readonly Answer[]) {
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.success))).toEqual(new Set([true]));
    const created = answers.filter(({ body }) => body.changes.length > 0);
    expect(created.map(({ body }) => body.notifications_sent)).toEqual([3]);
  }

  it.each(ROUNDS)('of one event have the effect of one (round %i)', async () => {
    const event = anEvent(aCustomer({ metadata: await createUser() }));

    const { result, added } = await rowsAddedBy(database, () =>
      deliverAll(Array.from({ length: DELIVERIES }, () => event)),
    );

    expectOneCreated(result);
    expect(added).toEqual(ROWS_OF_A_CUSTOMER);
  });

  it.each(ROUNDS)('of many events about one customer have the effect of one (round %i)', async () => {
    const customer = aCustomer({ metadata: await createUser() });
    const events = Array.from({ length: DELIVERIES }, () => anEvent(customer));

    const { result, added } = await rowsAddedBy(database, () => deliverAll(events));

    expectOneCreated(result);
    expect(added).toEqual({ ...ROWS_OF_A_CUSTOMER, webhook_events: DELIVERIES });
    const rows = await database.rows(
      `select outcome, count(*)::int, count(distinct customer_id)::int as customers
       from webhook_events where stripe_customer_id = $1 group by 1 order by 1`,
      [customer.id],
    );
    expect(rows).toEqual([
      { outcome: 'created', count: 1, customers: 1 },
      { outcome: 'duplicate', count: DELIVERIES - 1, customers: 1 },
    ]);
  });

  it('about many customers of one user create them all and welcome the user once', async () => {
    const metadata = await createUser();
    const events = Array.from({ length: DELIVERIES }, () => anEvent(aCustomer({ metadata })));

    const { result, added } = await rowsAddedBy(database, () => deliverAll(events));

    expect(new Set(result.map(({ status }) => status))).toEqual(new Set([200]));
    expect(added).toMatchObject({ customers: DELIVERIES, notifications: 3, 'job deliver-notification': 3 });
    const sent = result.map(({ body }) => body.notifications_sent as number);
    expect(sent.filter((count) => count > 0)).toEqual([3]);
  });

  it('about the subscriptions of a few customers are all committed', async () => {
    const customers: ReturnType<typeof aCustomer>[] = [];
    for (let n = 0; n < 4; n += 1)
      customers.push(aCustomer({ metadata: await createUser(), created: hour(-1) }));
    await deliverAll(customers.map((customer) => anEvent(customer)));
    const lives = customers.map(({ id }) => aSubscription(id));
    const change = (number: number) =>
      lives.map((subscription) => {
        const items = { object: 'list', data: [anItem({}, { quantity: number })], has_more: false };
        return anEventOf('customer.subscription.updated', { ...subscription, items }, hour(number));
      });
    const events = Array.from({ length: CHANGES }, (_, index) => change(index + 1)).flat();

    const answers = await deliverAll(events);

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const rows = await database.rows(
      `select mrr, (select sum(amount_minor)::int from mrr_movements m where m.customer_id = c.id) as sum
       from customers c join customer_revenues r on r.customer_id = c.id where stripe_customer_id = any($1)`,
      [customers.map(({ id }) => id)],
    );
    const last = 1000 * CHANGES;
    expect(rows).toEqual(customers.map(() => ({ mrr: { usd: last }, sum: last })));
  });
});

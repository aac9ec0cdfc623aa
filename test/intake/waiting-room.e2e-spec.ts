import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { ROWS_OF_A_CUSTOMER, storedRows } from '../support/database/stored-rows.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const WAITING_MAX = 5;
const DELIVERIES = 12;

describe('a database that blocks events', () => {
  let service: TestApp;
  let blocker: pg.Client;

  beforeAll(async () => {
    const env = { WEBHOOK_WAITING_MAX: String(WAITING_MAX), WEBHOOK_BATCH_MAX: '1', WEBHOOK_WRITERS: '1' };
    service = await TestApp.start({ env });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    blocker = new pg.Client({ connectionString: service.database.url });
    await blocker.connect();
    await blocker.query('begin; lock table customers in exclusive mode');
  });
  afterEach(() => blocker.end());

  const release = () => blocker.query('rollback');

  async function eventsOfNewUsers(count: number) {
    const events: Fields[] = [];
    while (events.length < count) {
      const { metadata } = await service.createUser();
      events.push(anEvent(aCustomer({ metadata })));
    }
    return events;
  }

  const deliverAll = (events: readonly Fields[]) =>
    Promise.all(events.map((event) => service.deliver(event)));

  /** Repeats deliveries until they are accepted, as Stripe does. A refused one may have been committed. */
  async function deliverUntilTaken(events: readonly Fields[]) {
    let left = events;
    await waitFor('all taken', async () => {
      const answers = await deliverAll(left);
      for (const { status, body } of answers) if (status === 200) expect(body.success).toBe(true);
      left = left.filter((_, index) => answers[index]?.status !== 200);
      return left.length === 0;
    });
  }

  function expectSentAway({ status, headers, body }: Answer) {
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toEqual({ success: false, error: 'Temporarily unavailable' });
  }

  it('makes a bounded number of events wait, and refuses the others at once', async () => {
    const events = await eventsOfNewUsers(DELIVERIES);
    const refused = () => readMetric(service.url, 'webhook_refused_total', { reason: 'unavailable' });

    const pending = events.map((event) => service.deliver(event));
    await waitFor('the rest sent away', async () => (await refused()) >= DELIVERIES - WAITING_MAX - 1);
    expect(await readMetric(service.url, 'webhook_waiting_events')).toBeLessThanOrEqual(WAITING_MAX);
    await release();
    const answers = await Promise.all(pending);

    const sentAway = answers.filter(({ status }) => status !== 200);
    expect(sentAway.length).toBeGreaterThanOrEqual(DELIVERIES - WAITING_MAX - 1);
    sentAway.forEach(expectSentAway);
    await deliverUntilTaken(events);
    expect(await service.database.count('customers')).toBe(DELIVERIES);
  });

  it('answers 503 while the lock lasts, stores nothing, and accepts the events afterwards', async () => {
    const events = await eventsOfNewUsers(WAITING_MAX + 1);
    const before = await storedRows(service.database);

    const during = await deliverAll(events);
    const storedDuring = await storedRows(service.database);
    await release();
    await deliverUntilTaken(events);

    during.forEach(expectSentAway);
    expect(storedDuring).toEqual(before);
    const rowsOfAll = Object.entries(ROWS_OF_A_CUSTOMER).map(([name, count]) => [
      name,
      (before[name] ?? 0) + count * events.length,
    ]);
    expect(await storedRows(service.database)).toEqual(Object.fromEntries(rowsOfAll));
  });
});

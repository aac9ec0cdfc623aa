import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEntry } from '../../src/audit/audit-entry.entity.js';
import { CustomerCreated } from '../../src/events/customers/customer-created.event.js';
import type { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { ROWS_OF_A_CUSTOMER, rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';

const GOOD_EVENTS = 50;

type Fault = (fact: CustomerCreated, unit: UnitOfWork) => void | Promise<void>;

/** Faults by the customer's description that triggers them. */
const faults = new Map<unknown, Fault>();

@Injectable()
class FaultyListener {
  @OnFact(CustomerCreated)
  react(fact: CustomerCreated, unit: UnitOfWork): void | Promise<void> {
    return faults.get(fact.customer.description)?.(fact, unit);
  }
}

/** A row that PostgreSQL refuses because of one of its values. */
function insertBadEntry(unit: UnitOfWork, bad: Record<string, unknown>): void {
  unit.insert(AuditEntry, {
    id: uuidv7(),
    customerId: null,
    action: 'test',
    actorType: 'system',
    actorId: null,
    objectType: 'test',
    objectId: 'test',
    source: 'test',
    stripeEventId: null,
    details: {},
    processingMs: null,
    occurredAt: new Date(),
    personal: null,
    personalSalt: null,
    personalDigest: null,
    ...bad,
  });
}

describe('a fault in one event of a batch', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [FaultyListener] }, env: { WEBHOOK_WRITERS: '1' } });
  });
  afterAll(() => service.stop());

  async function anEventDescribed(description: string | null = null) {
    const { metadata } = await service.createUser();
    return anEvent(aCustomer({ metadata, description }));
  }

  /** Delivers the event among valid ones, and expects all of those to be created. */
  async function deliverAmongGood(bad: Fields) {
    const good: Fields[] = [];
    while (good.length < GOOD_EVENTS) good.push(await anEventDescribed());
    const batches = () => readMetric(service.url, 'webhook_batch_events_count');
    const before = await batches();
    const half = GOOD_EVENTS / 2;
    const { result, added } = await rowsAddedBy(service.database, () =>
      Promise.all([...good.slice(0, half), bad, ...good.slice(half)].map((event) => service.deliver(event))),
    );
    const [answer] = result.splice(half, 1);
    for (const { status, body } of result) {
      expect(status).toBe(200);
      expect(body.notifications_sent).toBe(3);
    }
    expect((await batches()) - before).toBeLessThan(GOOD_EVENTS);
    return { answer, added };
  }

  const rowsOfTheGood = Object.fromEntries(
    Object.entries(ROWS_OF_A_CUSTOMER).map(([name, count]) => [name, count * GOOD_EVENTS]),
  );

  it.each<[string, Fault]>([
    [
      'throws',
      () => {
        throw new Error('broken listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken listener'))],
    [
      'throws what is no error',
      () => {
        throw null;
      },
    ],
  ])(
    'a listener that %s: 503, nothing of its event is stored, the others are committed',
    async (name, fault) => {
      faults.set(name, fault);
      const event = await anEventDescribed(name);

      const { answer, added } = await deliverAmongGood(event);

      expect(answer?.status).toBe(503);
      expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer?.body).toEqual({ success: false, error: 'Temporarily unavailable' });
      expect(added).toEqual(rowsOfTheGood);
      faults.delete(name);
      expect((await service.deliver(event)).body.notifications_sent).toBe(3);
    },
  );

  it.each<[string, Record<string, unknown>]>([
    ['an impossible uuid', { id: 'no-uuid' }],
    ['a missing value', { action: null }],
    ['a number out of range', { processingMs: '9'.repeat(30) }],
    ['an impossible time', { occurredAt: 'yesterday evening' }],
    ['a NUL', { details: { text: '\u0000' } }],
  ])('data that PostgreSQL refuses (%s): only its event is rejected, as unprocessable', async (name, bad) => {
    faults.set(name, (_, unit) => insertBadEntry(unit, bad));
    const event = await anEventDescribed(name);

    const { answer, added } = await deliverAmongGood(event);

    expect(answer?.status).toBe(200);
    expect(answer?.body).toEqual({ success: false, error: 'Invalid customer data: Not storable' });
    expect(added).toEqual({ ...rowsOfTheGood, webhook_events: GOOD_EVENTS + 1 });
    const [row] = await service.database.rows(
      'select outcome, error_code, body, customer_id from webhook_events where stripe_event_id = $1',
      [event.id],
    );
    expect(row).toEqual({
      outcome: 'rejected',
      error_code: 'unprocessable',
      body: JSON.stringify(event),
      customer_id: null,
    });
    expect((await service.deliver(event)).body).toEqual(answer?.body);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import fc from 'fast-check';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendFact } from '../../src/integrations/outbox/append-fact.js';
import { ConsumesOutbox, type OutboxConsumer } from '../../src/integrations/outbox/outbox-consumer.js';
import type { OutboxEntry } from '../../src/integrations/outbox/outbox-entry.entity.js';
import { OutboxCluster } from '../../src/integrations/outbox/outbox-cluster.service.js';
import { OutboxRelay, startReading } from '../../src/integrations/outbox/outbox-relay.service.js';
import { OutboxSwitch } from '../../src/integrations/outbox/outbox-switch.service.js';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const NAME = 'test';

/** Keeps what it takes. It fails when asked to, after it has seen the rows. */
@Injectable()
@ConsumesOutbox(NAME)
class Collector implements OutboxConsumer {
  isOn = false;
  failures = 0;
  readonly taken: OutboxEntry[] = [];

  async isWanted(): Promise<boolean> {
    return this.isOn;
  }

  async consume(entries: readonly OutboxEntry[]): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('The consumer fails');
    }
    this.taken.push(...entries);
  }
}

/** The statement of `appendFact`, with the rows of some facts. */
function appendOf(customerIds: readonly string[], type: 'customer.created' | 'customer.linked') {
  const unit = new UnitOfWork();
  const occurredAt = new Date().toISOString();
  for (const customerId of customerIds) {
    if (type === 'customer.created')
      appendFact(unit, customerId, { type, data: { stripeCustomerId: 'cus', imported: false }, occurredAt });
    else appendFact(unit, customerId, { type, data: { userId: 'user' }, occurredAt });
  }
  const [first] = unit.lastStatements;
  return { text: first?.text ?? '', values: [JSON.stringify(unit.lastStatements.map(({ row }) => row))] };
}

describe('the outbox', () => {
  let service: TestApp;
  let collector: Collector;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [Collector] } });
    collector = service.app.get(Collector);
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    collector.taken.length = 0;
  });

  async function switchOn(): Promise<void> {
    const dataSource = service.app.get<DataSource>(getDataSourceToken());
    await startReading(dataSource.manager, NAME);
    collector.isOn = true;
    await service.app.get(OutboxSwitch).refresh();
  }

  const relayOnce = () => service.app.get(OutboxRelay).run();

  /** Rows wait for older transactions, also those of other databases of the server. */
  const relay = () =>
    waitFor('all facts to be relayed', async () => {
      await relayOnce();
      return (await service.database.count('outbox_positions position', UNREAD)) === 0 || null;
    });

  async function onboard(): Promise<string> {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    expect((await service.deliver(anEvent(customer))).body).toMatchObject({ success: true });
    return customer.id;
  }

  it('gets no row while nothing is switched on', async () => {
    await onboard();
    expect(await service.database.count('outbox')).toBe(0);
    expect(await service.database.count('outbox_sequences')).toBe(0);
  });

  it('has the facts of a customer in their order, from the creation as 1', async () => {
    await switchOn();
    const stripeCustomerId = await onboard();
    const [known] = await service.database.rows<{ metadata: Record<string, string> }>(
      'select metadata from customers where stripe_customer_id = $1',
      [stripeCustomerId],
    );
    const changed = aCustomer({ id: stripeCustomerId, name: 'Grace Hopper', metadata: known?.metadata });
    const updated = anEvent(changed, {
      type: 'customer.updated',
      created: Math.floor(Date.now() / 1000) + 10,
    });
    await service.deliver(updated);
    await relay();
    const facts = collector.taken.map(({ sequence, type }) => [sequence, type]);
    expect(facts).toEqual([
      [1, 'customer.created'],
      [2, 'customer.updated'],
    ]);
    expect(JSON.stringify(collector.taken)).not.toContain('Grace');
  });

  it('numbers several facts of one transaction, and those of a customer that was there before from 2', async () => {
    const [one, other] = [uuidv7(), uuidv7()];
    await service.database.rows(
      ...(Object.values(appendOf([one, other, one, one], 'customer.linked')) as [string, []]),
    );
    await relay();
    const bySequence = collector.taken.map(
      ({ customerId, sequence }) => `${customerId === one ? 1 : 2}:${sequence}`,
    );
    expect(bySequence.toSorted()).toEqual(['1:2', '1:3', '1:4', '2:2']);
  });

  it('gives rows again if their consumer fails', async () => {
    await onboard();
    collector.failures = 1;
    await waitFor('the consumer to fail', async () => {
      await relayOnce();
      return collector.failures === 0 || null;
    });
    expect(collector.taken).toEqual([]);
    await relay();
    expect(collector.taken.map(({ type }) => type)).toEqual(['customer.created']);
  });

  it('waits for a transaction that is older than a row, and so misses no late commit', async () => {
    const [early, late] = [await client(service), await client(service)];
    await early.query('begin');
    await early.query(appendOf([uuidv7()], 'customer.created'));
    await late.query(appendOf([uuidv7()], 'customer.created'));
    await relayOnce();
    expect(collector.taken).toEqual([]);
    await early.query('commit');
    await relay();
    expect(collector.taken).toHaveLength(2);
    await Promise.all([early.end(), late.end()]);
  });

  it('loses, repeats and swaps no fact in another cluster, whose transactions have lower ids', async () => {
    const customers = [uuidv7(), uuidv7()];
    const statement = (ids: readonly string[], type: Parameters<typeof appendOf>[1]) => {
      const { text, values } = appendOf(ids, type);
      return service.database.rows(text, values);
    };
    await statement(customers, 'customer.created');
    await relay();
    await statement(customers, 'customer.linked');
    const old = 10_000_000_000;
    for (const table of ['outbox', 'outbox_sequences', 'outbox_positions'])
      await service.database.rows(`update ${table} set txid = txid + $1`, [old]);
    const fresh = uuidv7();
    await statement([...customers, fresh], 'customer.linked');
    collector.taken.length = 0;
    await service.app.get(OutboxCluster).renumber();
    await statement([...customers, fresh], 'customer.linked');
    await relay();
    const taken = (id: string) =>
      collector.taken.flatMap(({ customerId, sequence }) => (customerId === id ? [sequence] : []));
    expect(customers.map(taken)).toEqual([
      [2, 3, 4],
      [2, 3, 4],
    ]);
    expect(taken(fresh)).toEqual([2, 3]);
    expect(await service.app.get(OutboxCluster).renumber()).toBe(false);
  });

  it('loses, repeats and swaps no fact of a customer, however transactions overlap', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => client(service)));
    await fc.assert(
      fc.asyncProperty(fc.array(aTransaction, { minLength: 4, maxLength: 14 }), async (transactions) => {
        collector.taken.length = 0;
        const customers = Array.from({ length: 3 }, () => uuidv7());
        await clients[0]?.query(appendOf(customers, 'customer.created'));
        const expected = await runOverlapping(clients, transactions, customers, relayOnce);
        await relay();
        expect(collector.taken).toHaveLength(expected);
        for (const customer of customers) {
          const sequences = collector.taken
            .filter((one) => one.customerId === customer)
            .map((one) => one.sequence);
          expect(sequences).toEqual(sequences.map((_, index) => index + 1));
        }
      }),
      { numRuns: 25 },
    );
    await Promise.all(clients.map((one) => one.end()));
  });
});

const UNREAD = `exists (
  select from outbox where outbox.partition = position.partition
    and (outbox.txid, outbox.customer_id, outbox.sequence) > (position.txid, position.customer_id, position.sequence))`;

/** A transaction: whether it writes something first, which customers it is about, how long it stays open, how it ends. */
const aTransaction = fc.record({
  writesFirst: fc.boolean(),
  customers: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
  pauseMs: fc.constantFrom(0, 0, 2, 15),
  commits: fc.constantFrom(true, true, true, false),
});

type Transaction = typeof aTransaction extends fc.Arbitrary<infer T> ? T : never;

/** Runs the transactions over the clients, with relays in between. @returns how many facts were committed */
async function runOverlapping(
  clients: readonly pg.Client[],
  transactions: readonly Transaction[],
  customers: readonly string[],
  relay: () => Promise<void>,
): Promise<number> {
  let expected = customers.length;
  const queue = [...transactions];
  const work = async (db: pg.Client) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { writesFirst, customers: about, pauseMs, commits } = next;
      await db.query('begin');
      if (writesFirst) await db.query('select pg_current_xact_id()');
      await sleep(pauseMs);
      const ids = about.map((index) => customers[index] as string);
      await db.query(appendOf(ids, 'customer.linked'));
      await sleep(pauseMs);
      await db.query(commits ? 'commit' : 'rollback');
      if (commits) expected += ids.length;
      await relay();
    }
  };
  await Promise.all(clients.map(work));
  return expected;
}

async function client(service: TestApp): Promise<pg.Client> {
  const one = new pg.Client({ connectionString: service.database.url });
  await one.connect();
  return one;
}

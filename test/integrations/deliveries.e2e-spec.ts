import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeliveryLanes } from '../../src/integrations/deliveries/delivery-lanes.service.js';
import type { Fields } from '../support/builders.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import { BlindDeskConnector, DeskConnector } from '../support/connectors/desk.connector.js';
import { FakeDesk } from '../support/connectors/fake-desk.js';
import { makeDue, untilNoJob } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a delivery', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let desk: FakeDesk;

  beforeAll(async () => {
    desk = await new FakeDesk().start();
    service = await TestApp.start({
      env: { ...LOCAL_SYSTEMS, CONNECTOR_TIMEOUT_SECONDS: '1' },
      extra: { providers: [BlindDeskConnector, DeskConnector] },
      jobs: true,
    });
    driver = new ConnectorDriver(service);
    await driver.connect({
      name: 'desk',
      system: 'desk',
      settings: { baseUrl: desk.url },
      events: ['customer.created', 'customer.updated'],
    });
  });
  afterAll(async () => {
    await service.stop();
    await desk.stop();
  });
  afterEach(async () => {
    desk.failAlways(null);
    await driver.settleLater();
    await service.admin('connectors/desk/resume', {});
  });

  async function openTicket(customer: TestCustomer, occurrence: string, connector = 'desk'): Promise<void> {
    const content = { title: `Welcome ${occurrence}` };
    await driver.enqueue(customer, { connector, kind: 'createTicket', occurrence, content });
  }

  const ticketsOf = ({ id }: TestCustomer) => desk.tickets.filter(({ person }) => person === id);

  const statesOf = async (customer: TestCustomer, kind: string) =>
    (await driver.deliveriesOf(customer, 'desk'))
      .filter((one) => one.kind === kind)
      .map(({ status }) => status);

  it('that spoils its batch is found and set aside; all others arrive', async () => {
    const names = ['a', 'b', 'c', 'poison', 'd', 'e', 'f'];
    const customers: TestCustomer[] = [];
    for (const name of names) customers.push(await driver.onboard({ name }));
    await driver.settle();
    const states: string[] = [];
    for (const customer of customers) states.push(...(await statesOf(customer, 'upsertPerson')));
    expect(states).toEqual(names.map((name) => (name === 'poison' ? 'rejected' : 'accepted')));
    const { body } = await service.admin('deliveries?status=rejected&connector=desk');
    expect(body.items).toMatchObject([{ reason: 'http_400', detail: '{"error":"bad person"}' }]);
  });

  it('whose mapping fails is rejected before any request, visibly', async () => {
    const { metadata } = await service.createUser();
    const customer = await driver.onboard({ metadata: { ...metadata, plan: 'tin' } });
    await driver.settle();
    const [person] = await driver.deliveriesOf(customer);
    expect(person).toMatchObject({ status: 'rejected', reason: 'mapping_error', detail: 'plan: not_listed' });
    expect(desk.persons.has(customer.id)).toBe(false);
  });

  it('has its effect once, however often it is queued', async () => {
    const customer = await driver.onboard();
    await openTicket(customer, 'once');
    await openTicket(customer, 'once');
    await driver.settle();
    await openTicket(customer, 'once');
    await driver.settle();
    expect(ticketsOf(customer)).toHaveLength(1);
  });

  it('with an unknown outcome is searched before it is repeated: one ticket', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await openTicket(customer, 'broken');
    desk.failNext({ act: 'hang up', after: true });
    await driver.settle();
    expect(await statesOf(customer, 'createTicket')).toEqual(['queued']);
    await driver.settleLater();
    expect(await statesOf(customer, 'createTicket')).toEqual(['accepted']);
    expect(ticketsOf(customer)).toHaveLength(1);
  });

  it('with an unknown outcome that did not arrive is created after the search', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await openTicket(customer, 'lost');
    desk.failNext({ act: 'silence' });
    await driver.settle();
    await driver.settleLater();
    expect(ticketsOf(customer)).toHaveLength(1);
  });

  it('with an unknown outcome is held where the system cannot be searched, until an operator decides', async () => {
    const settings = { baseUrl: desk.url };
    await driver.connect({ name: 'blind', system: 'blind-desk', settings, sendsPeople: false });
    const customer = await driver.onboard();
    await driver.settle();
    await openTicket(customer, 'held', 'blind');
    desk.failNext({ act: 'hang up', after: true });
    await driver.settle();
    const [held] = await driver.deliveriesOf(customer, 'blind');
    expect(held).toMatchObject({ status: 'held', reason: 'unknown_outcome' });
    await driver.settleLater();
    expect(ticketsOf(customer)).toHaveLength(1);
    expect((await service.admin(`deliveries/${held?.id}/resend`, {})).status).toBe(204);
    await driver.settleLater();
    expect(await driver.deliveriesOf(customer, 'blind')).toMatchObject([{ status: 'accepted' }]);
    await service.admin('connectors/blind/disable', {});
  });

  it('of a process that died is taken up by another one, and searched first', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await openTicket(customer, 'killed');
    const [queued] = (await driver.deliveriesOf(customer)).slice(-1);
    desk.tickets.push({
      id: 'T0',
      person: customer.id,
      title: 'by the dead process',
      reference: queued?.id ?? '',
    });
    await service.database.rows(
      `update deliveries set status = 'delivering', claim = gen_random_uuid(), claimed_until = now() where id = $1`,
      [queued?.id],
    );
    await waitFor('the delivery to be released', async () => {
      await driver.settleLater();
      return (await statesOf(customer, 'createTicket'))[0] === 'accepted' || null;
    });
    expect(ticketsOf(customer)).toHaveLength(1);
  });

  it('waits for earlier ones of its customer, and for those of no other', async () => {
    const [slow, quick] = [await driver.onboard(), await driver.onboard()];
    await driver.settle();
    desk.failNext({ answer: { status: 503 } });
    await driver.update(slow, { name: 'one' });
    await driver.settle();
    await driver.update(slow, { name: 'two' });
    await driver.update(quick, { name: 'three' });
    await service.admin('connectors/desk/resume', {});
    await service.database.rows(
      `update deliveries set next_attempt_at = now() + interval '1 hour' where customer_id = $1 and status = 'queued'
         and position = (select min(position) from deliveries where customer_id = $1 and status = 'queued')`,
      [slow.id],
    );
    await driver.settle();
    expect(desk.persons.get(quick.id)).toMatchObject({ name: 'three' });
    expect(desk.persons.get(slow.id)).not.toMatchObject({ name: 'two' });
    await driver.settleLater();
    expect(desk.persons.get(slow.id)).toMatchObject({ name: 'two' });
    const sequences = desk.events.filter(({ person }) => person === slow.id).map(({ sequence }) => sequence);
    expect(sequences).toHaveLength(3);
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
  });

  it('to a system that does not answer holds up no other system', async () => {
    const dead = await new FakeDesk().start();
    dead.failAlways({ act: 'silence' });
    await driver.connect({ name: 'dead', system: 'desk', settings: { baseUrl: dead.url } });
    const customers = await driver.onboardSome(5);
    const settled = driver.settle();
    await waitFor('the living system to have all persons', () =>
      customers.every(({ id }) => desk.persons.has(id)),
    );
    expect(dead.requests.length).toBeLessThanOrEqual(2);
    await settled;
    const [state] = await service.database.rows<{ isOpen: boolean }>(
      `select paused_until is null as "isOpen" from connectors where name = 'desk'`,
    );
    expect(state).toEqual({ isOpen: true });
    await service.admin('connectors/dead/disable', {});
    await dead.stop();
  });

  it.each([302, 404, 410])('to a system that answers %i, as one that has moved, waits', async (status) => {
    desk.failAlways({ answer: { status } });
    const customer = await driver.onboard();
    await driver.settle();
    expect(await statesOf(customer, 'upsertPerson')).toEqual(['queued']);
    const { body } = await service.admin('connectors/desk');
    expect(body.state).toMatchObject({ state: 'paused', fault: `auth http_${status}` });
    desk.failAlways(null);
    await driver.settleLater();
    expect(await statesOf(customer, 'upsertPerson')).toEqual(['accepted']);
  });

  it('that changes nothing lets the next one test a connector after a pause', async () => {
    const customers = await driver.onboardSome(3);
    await driver.settle();
    await service.database.rows(
      `update connectors set failures = 3, paused_until = now() - interval '1 second', probe_until = null
       where name = 'desk'`,
    );
    for (const customer of customers) await driver.update(customer, { phone: '+34600000000' });
    await driver.settle();
    for (const customer of customers)
      expect(await statesOf(customer, 'upsertPerson')).toEqual(['accepted', 'unchanged']);
  });

  it('can be listed, cancelled and queued again, one or many', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    desk.failAlways({ answer: { status: 422, body: { error: 'no' } } });
    await openTicket(customer, 'r1');
    await openTicket(customer, 'r2');
    await driver.settle();
    desk.failAlways(null);
    const filter = { connector: 'desk', status: 'rejected', reason: 'http_422' };
    const { body } = await service.admin(
      `deliveries?${new URLSearchParams(filter)}&stripeCustomerId=${customer.stripe.id}`,
    );
    expect(body.items).toHaveLength(2);
    expect((await service.admin(`deliveries/${body.items[0].id}/cancel`, {})).status).toBe(204);
    expect((await service.admin(`deliveries/${body.items[0].id}/cancel`, {})).body.code).toBe(
      'delivery_ended',
    );
    expect((await service.admin('deliveries/bulk', { act: 'resend', ...filter })).body.done).toBe(1);
    await driver.settle();
    expect(ticketsOf(customer).map(({ title }) => title)).toEqual(['Welcome r1']);
  });

  it('brings all customers by a backfill, which goes on after a cancel and yields to what happens now', async () => {
    await service.admin('connectors/desk/disable', {});
    const missed = await driver.onboardSome(4);
    await service.admin('connectors/desk/enable', {});
    await service.database.rows(
      `update connectors set paused_until = now() + interval '1 hour' where name = 'desk'`,
    );
    const { status, body } = await service.admin('connectors/desk/backfills', {});
    expect([status, body.status]).toEqual([201, 'running']);
    await untilNoJob(service.database, 'backfill-connector');
    const live = await driver.onboard();
    await driver.settle();
    desk.requests.length = 0;
    await service.admin('connectors/desk/resume', {});
    await driver.settle();
    expect(missed.every(({ id }) => desk.persons.has(id))).toBe(true);
    const [first] = desk.received(/persons/);
    expect(first?.body.map(({ id }: Fields) => id)).toContain(live.id);
    const [backfill] = (await service.admin('connectors/desk/backfills')).body;
    expect(backfill).toMatchObject({
      status: 'complete',
      queued: (await service.database.count('customers')) - 1,
    });
    expect((await service.admin(`connectors/desk/backfills/${backfill.id}/cancel`, {})).body.code).toBe(
      'backfill_ended',
    );
  });

  it('about an erased person is cancelled, and nothing brings the person back', async () => {
    const customer = await driver.onboard({ name: 'Secret Person' });
    await driver.settle();
    await openTicket(customer, 'later');
    await driver.update(customer, { name: 'Secret Again' });
    await service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    desk.requests.length = 0;
    await driver.settle();
    await openTicket(customer, 'after');
    await service.admin('connectors/desk/backfills', {});
    await makeDue(service.database, 'backfill-connector');
    await untilNoJob(service.database, 'backfill-connector');
    await driver.settleLater();
    expect(ticketsOf(customer)).toEqual([]);
    expect(JSON.stringify(desk.requests)).not.toContain(customer.id);
    const { body } = await service.admin(`customers/${customer.stripe.id}/erase`, {
      confirm: customer.stripe.id,
    });
    expect(body.receipts).toMatchObject([{ connector: 'desk', status: 'unsupported' }]);
    expect(await service.database.dump()).not.toContain('Secret');
  });

  it('runs in lanes of its own, which end with the process', async () => {
    service.app.get(DeliveryLanes).start();
    const customer = await driver.onboard();
    await waitFor('the person to arrive', async () => {
      await driver.settle();
      return desk.persons.has(customer.id);
    });
  });
});

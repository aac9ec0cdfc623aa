import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorBackfills } from '../../src/integrations/backfills/connector-backfills.service.js';
import { ExpiredClaims } from '../../src/integrations/deliveries/expired-claims.service.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import {
  BlindDeskConnector,
  DeskConnector,
  ReadingDeskConnector,
} from '../support/connectors/desk.connector.js';
import { FakeDesk } from '../support/connectors/fake-desk.js';
import { runCommand } from '../support/process/command-line.js';
import { TestApp, testEnvironment } from '../support/test-app.js';

describe('a delivery', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let desk: FakeDesk;

  beforeAll(async () => {
    desk = await new FakeDesk().start();
    service = await TestApp.start({
      env: LOCAL_SYSTEMS,
      extra: { providers: [BlindDeskConnector, DeskConnector, ReadingDeskConnector] },
    });
    driver = new ConnectorDriver(service);
    const events = ['customer.created', 'customer.updated'];
    await driver.connect({ name: 'desk', system: 'desk', settings: { baseUrl: desk.url }, events });
    const settings = { baseUrl: desk.url };
    await driver.connect({ name: 'blind', system: 'blind-desk', settings, sendsPeople: false });
  });
  afterAll(async () => {
    await service.stop();
    await desk.stop();
  });
  afterEach(async () => {
    desk.failAlways(null);
    await service.admin('connectors/desk/resume', {});
    await driver.settleLater();
    desk.requests.length = 0;
  });

  const statesOf = async (customer: TestCustomer) =>
    (await driver.deliveriesOf(customer)).map(({ kind, status, reason }) => [kind, status, reason]);

  const upserts = async (customers: readonly TestCustomer[]) => {
    const all = await Promise.all(customers.map((customer) => driver.deliveriesOf(customer)));
    return all.map((rows) => rows.find(({ kind }) => kind === 'upsertPerson')?.status);
  };

  /** As if the process died during the attempt for each of these deliveries. */
  const die = async (condition: string) => {
    await service.database.rows(
      `update deliveries set status = 'delivering', claim = gen_random_uuid(), claimed_until = now(), tried_at = now()
       where status = 'queued' and ${condition}`,
    );
    await service.app.get(ExpiredClaims).release();
  };

  it('that is refused like all others waits, and the connector pauses until one gets through', async () => {
    const customers = await driver.onboardSome(4);
    desk.failAlways({ answer: { status: 400 } });
    await driver.settle();
    const { body } = await service.admin('connectors/desk');
    expect(body.state).toMatchObject({ state: 'paused', fault: 'all_refused http_400' });
    expect(await upserts(customers)).toEqual(Array(4).fill('queued'));
    await driver.settleLater();
    expect(await upserts(customers)).toEqual(Array(4).fill('queued'));
    desk.failAlways(null);
    await driver.settleLater();
    expect(await upserts(customers)).toEqual(Array(4).fill('accepted'));
  });

  it('that is cancelled after a fault does not leave its connector paused for good', async () => {
    const customer = await driver.onboard();
    desk.failAlways({ answer: { status: 401 } });
    await driver.settle();
    const state = async () => (await service.admin('connectors/desk')).body.state.state;
    expect(await state()).toBe('paused');
    for (const { id } of await driver.deliveriesOf(customer, 'desk'))
      await service.admin(`deliveries/${id}/cancel`, {});
    await service.database.rows(`update connectors set paused_until = now() - interval '11 minutes'`);
    expect(await state()).toBe('failing');
  });

  it('whose read is refused is set aside; if all reads are, the connector pauses', async () => {
    await driver.connect({ name: 'reading', system: 'reading-desk', settings: { baseUrl: desk.url } });
    const customers = await driver.onboardSome(5);
    desk.unreadable.add(customers[3]?.id ?? '');
    await driver.settle();
    const statuses = async () => {
      const all = await Promise.all(customers.map((customer) => driver.deliveriesOf(customer, 'reading')));
      return all.map(([first]) => first?.status);
    };
    expect(await statuses()).toEqual(['accepted', 'accepted', 'accepted', 'rejected', 'accepted']);

    const others = await driver.onboardSome(3);
    for (const { id } of others) desk.unreadable.add(id);
    await driver.settle();
    const { body } = await service.admin('connectors/reading');
    expect(body.state).toMatchObject({ state: 'paused', fault: 'all_refused http_400' });
    desk.unreadable.clear();
    await driver.settleLater();
    expect(others.every(({ id }) => desk.persons.has(id))).toBe(true);
    await service.admin('connectors/reading/disable', {});
    expect((await service.admin('connectors/reading', undefined, 'DELETE')).status).toBe(204);
  });

  it('that kills its process is tried alone, and comes to an end', async () => {
    const customers = await driver.onboardSome(3);
    await driver.settle();
    for (const customer of customers) await driver.update(customer, { name: 'Changed' });
    desk.failAlways({ answer: { status: 503 } });
    await driver.settle();
    await die(`connector = 'desk' and customer_id = '${customers[0]?.id}'`);
    desk.failAlways(null);
    desk.requests.length = 0;
    await driver.settleLater();
    const sizes = desk.received(/persons/).map(({ body }) => body.length);
    expect(sizes.toSorted()).toEqual([1, 2]);

    await driver.enqueue(customers[0] as TestCustomer, {
      connector: 'desk',
      kind: 'createTicket',
      content: {},
    });
    await service.database.rows(`update deliveries set attempts = 16 where status = 'queued'`);
    await die('true');
    expect((await statesOf(customers[0] as TestCustomer)).at(-1)).toEqual([
      'createTicket',
      'held',
      'retries_exhausted',
    ]);
  });

  it.each(['hangs up', 'loses its process'])(
    'whose attempt %s does not count as unchanged, once its person is again as before',
    async (fault) => {
      const customer = await driver.onboard({ name: 'Before' });
      await driver.settle();
      await driver.update(customer, { name: 'Between' });
      await driver.relay();
      if (fault === 'hangs up') {
        desk.failAlways({ act: 'hang up', after: true });
        await driver.settle();
        desk.failAlways(null);
      } else {
        desk.persons.set(customer.id, { name: 'Between' });
        await die(`kind = 'upsertPerson' and customer_id = '${customer.id}'`);
      }
      expect(desk.persons.get(customer.id)).toMatchObject({ name: 'Between' });
      await driver.update(customer, { name: 'Before' });
      await driver.settleLater();
      expect(desk.persons.get(customer.id)).toMatchObject({ name: 'Before' });
    },
  );

  it('with an unknown outcome is searched a minute later, also if an operator is in a hurry', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await driver.enqueue(customer, { connector: 'desk', kind: 'createTicket', content: {} });
    desk.failNext({ act: 'hang up', after: true });
    await driver.settle();
    desk.requests.length = 0;
    await service.admin('connectors/desk/resume', {});
    await driver.settle();
    const [ticket] = (await driver.deliveriesOf(customer)).slice(-1);
    expect((await service.admin(`deliveries/${ticket?.id}/resend`, {})).status).toBe(204);
    await driver.settle();
    expect(desk.requests).toEqual([]);
    await driver.settleLater();
    expect(await statesOf(customer)).toContainEqual(['createTicket', 'accepted', null]);
    expect(desk.tickets.filter(({ person }) => person === customer.id)).toHaveLength(1);
  });

  it('about a fact while its connector is disabled is kept, and can be queued', async () => {
    await service.admin('connectors/desk/disable', {});
    const customer = await driver.onboard({ name: 'Missed' });
    await driver.settle();
    expect(await statesOf(customer)).toEqual([
      ['upsertPerson', 'skipped', null],
      ['trackEvent', 'skipped', null],
    ]);
    await service.admin('connectors/desk/enable', {});
    await driver.settle();
    expect(desk.persons.has(customer.id)).toBe(false);
    const filter = { connector: 'desk', status: 'skipped' };
    expect((await service.admin('deliveries/bulk', { act: 'resend', ...filter })).body.done).toBe(2);
    await driver.settle();
    expect(desk.persons.get(customer.id)).toMatchObject({ name: 'Missed' });
    expect(desk.events.map(({ person }) => person)).toContain(customer.id);
  });

  it('does not wait for the backfill of its customer behind all others', async () => {
    await service.database.rows(
      `update connectors set paused_until = now() + interval '1 hour' where name = 'desk'`,
    );
    const [last] = (await driver.onboardSome(22)).slice(-1) as [TestCustomer];
    await driver.relay();
    await service.database.rows('delete from deliveries');
    const { body } = await service.admin('connectors/desk/backfills', { force: true });
    while (await service.app.get(ConnectorBackfills).queuePage(body.id));
    const waiting = () => service.database.count('deliveries', 'is_backfill');
    const before = await waiting();
    await driver.enqueue(last, { connector: 'desk', kind: 'createTicket', content: { title: 'Now' } });
    expect(await waiting()).toBe(before - 1);
    await service.admin('connectors/desk/resume', {});
    await driver.settle();
    expect(await statesOf(last)).toMatchObject([
      ['upsertPerson', 'accepted', null],
      ['createTicket', 'accepted', null],
    ]);
  });

  it('is held after a restore, also if its fact waits in the outbox', async () => {
    const customer = await driver.onboard();
    await driver.enqueue(customer, { connector: 'desk', kind: 'createTicket', content: {} });
    const [queued] = await driver.deliveriesOf(customer);
    const made = {
      id: 'T0',
      person: customer.id,
      title: 'made since the backup',
      reference: queued?.id ?? '',
    };
    desk.tickets.push(made);
    const environment = testEnvironment(service.database.url, service.smtp.port, LOCAL_SYSTEMS);
    const { stdout } = await runCommand(['hold-messages'], environment);
    expect(stdout).toContain('3 deliveries to connectors are held');
    await driver.settleLater();
    expect(desk.persons.has(customer.id)).toBe(false);
    const filter = { status: 'held', reason: 'restored_backup', kind: 'upsertPerson' };
    expect((await service.admin('deliveries/bulk', { act: 'resend', ...filter })).body).toMatchObject({
      done: 1,
    });
    await driver.settle();
    expect(desk.persons.has(customer.id)).toBe(true);
    await service.admin(`deliveries/${queued?.id}/resend`, {});
    await driver.settle();
    expect(await statesOf(customer)).toContainEqual(['createTicket', 'accepted', null]);
    expect(desk.tickets.filter(({ person }) => person === customer.id)).toEqual([made]);
  });

  it('of a backfill is not made for a connector that sends no persons', async () => {
    const { status, body } = await service.admin('connectors/blind/backfills', {});
    expect([status, body.code]).toEqual([409, 'connector_sends_no_people']);
  });

  it('is not held up by backfills that use up a cap', async () => {
    await driver.onboardSome(6);
    await driver.settle();
    await driver.connect({ name: 'capped', system: 'desk', settings: { baseUrl: desk.url }, maxPerDay: 5 });
    const { body } = await service.admin('connectors/capped/backfills', {});
    while (await service.app.get(ConnectorBackfills).queuePage(body.id));
    const done = () => service.database.count('deliveries', `connector = 'capped' and status = 'accepted'`);
    await driver.settle();
    expect(await done()).toBe(4);
    const customer = await driver.onboard();
    await driver.settle();
    expect(await driver.deliveriesOf(customer, 'capped')).toMatchObject([{ status: 'accepted' }]);
    expect(await done()).toBe(5);
    await service.admin('connectors/capped/disable', {});
    expect((await service.admin('connectors/capped', undefined, 'DELETE')).status).toBe(204);
  });
});

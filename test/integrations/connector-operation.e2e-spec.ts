import { Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectorUser, UsesConnectors } from '../../src/integrations/admin/connector-user.js';
import { enqueueDelivery, type NewDelivery } from '../../src/integrations/deliveries/enqueue-delivery.js';
import { PurgeDeliveriesJob } from '../../src/integrations/retention/purge-deliveries.job.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { AlertedService } from '../support/alerts.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import { BlindDeskConnector, DeskConnector } from '../support/connectors/desk.connector.js';
import { FakeDesk } from '../support/connectors/fake-desk.js';
import { FakeHubSpot } from '../support/connectors/fake-hubspot.js';
import { readMetric } from '../support/metrics.js';
import type { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const DAY_MS = 86_400_000;
const SECRETS = {
  SECRETS_KEYS: `test:${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`,
};

/** Something that uses a connector. */
@Injectable()
@UsesConnectors('tests')
class SomeUser implements ConnectorUser {
  uses: string[] = [];

  async usesOf(connector: string): Promise<string[]> {
    return connector === 'spare' ? this.uses : [];
  }
}

describe('an operator of connectors', () => {
  let alerted: AlertedService;
  let service: TestApp;
  let driver: ConnectorDriver;
  let desk: FakeDesk;
  let hubspot: FakeHubSpot;
  let daysLater = 0;
  const env = { ...LOCAL_SYSTEMS, ...SECRETS };

  beforeAll(async () => {
    [desk, hubspot] = [await new FakeDesk().start(), await new FakeHubSpot().start()];
    const extra = { providers: [BlindDeskConnector, DeskConnector, SomeUser] };
    const now = () => new Date(Date.now() + daysLater * DAY_MS);
    alerted = await AlertedService.start({ env, extra, now });
    ({ service } = alerted);
    driver = new ConnectorDriver(service);
    await driver.connect({ name: 'desk', system: 'desk', settings: { baseUrl: desk.url } });
    const secrets = { token: hubspot.token };
    const mapping = Object.fromEntries(
      ['email', 'name', 'phone'].map((name) => [name, { from: `customer.${name}` }]),
    );
    const settings = { baseUrl: hubspot.url };
    await driver.connect({ name: 'crm', system: 'hubspot', settings, secrets, mapping });
    await driver.onboard();
    await driver.settle();
  });
  afterAll(async () => {
    await alerted.stop();
    await desk.stop();
    await hubspot.stop();
  });
  afterEach(async () => {
    desk.failAlways(null);
    hubspot.failAlways(null);
    daysLater = 0;
    await driver.settleLater();
    for (const name of ['desk', 'crm']) await service.admin(`connectors/${name}/resume`, {});
  });

  async function queue(
    given: Partial<NewDelivery> & Pick<NewDelivery, 'customerId' | 'occurrence'>,
  ): Promise<void> {
    const unit = new UnitOfWork();
    enqueueDelivery(unit, {
      connector: 'desk',
      kind: 'createTicket',
      content: { title: 'Welcome' },
      ...given,
    });
    const dataSource = service.app.get<DataSource>(getDataSourceToken());
    await dataSource.transaction((manager) => service.app.get(UnitOfWorkWriter).write(manager, [unit]));
  }

  const metric = async (name: string) => (await readMetric(service.url, name, { connector: 'desk' })) > 0;

  const connector = async (name: string) => (await service.admin(`connectors/${name}`)).body;
  const edit = (name: string, changes: object) => service.admin(`connectors/${name}`, changes, 'PATCH');

  async function detailsOf(customer: TestCustomer, name: string) {
    const [first] = await driver.deliveriesOf(customer, name);
    return (await service.admin(`deliveries/${first?.id}`)).body;
  }

  it('sees each attempt of a delivery, until the person is erased', async () => {
    desk.failAlways({ answer: { status: 503 } });
    const customer = await driver.onboard();
    await driver.settle();
    desk.failAlways({ answer: { status: 422, body: { problem: 'no such plan' } } });
    await driver.settleLater();
    desk.failAlways(null);
    const refused = await detailsOf(customer, 'desk');
    await service.admin(`deliveries/${refused.id}/resend`, {});
    await driver.settleLater();
    const { history, status } = await detailsOf(customer, 'desk');
    expect(status).toBe('accepted');
    expect(history).toMatchObject([
      { result: 'accepted', code: null, detail: null, durationMs: expect.any(Number) },
      { result: 'rejected', code: 'http_422', detail: '{"problem":"no such plan"}' },
      { result: 'retry', code: 'http_503', detail: null },
    ]);
    const { body: exported } = await service.admin(`customers/${customer.stripe.id}/export`);
    expect(exported.tables.delivery_attempts.length).toBeGreaterThanOrEqual(3);
    await service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    expect((await detailsOf(customer, 'desk')).history[1]).toMatchObject({ code: 'http_422', detail: null });
  });

  it('finds no secret and no person in what a system answers, although it repeats the request', async () => {
    hubspot.failAlways({ act: 'echo' });
    const email = 'grace.h@example.com';
    const customer = await driver.onboard({ name: 'Grace Hopper', email, phone: '+1 212 555 0100' });
    await driver.settle();
    const { status, detail, history } = await detailsOf(customer, 'crm');
    expect([status, history[0].detail]).toEqual(['rejected', detail]);
    expect(detail).toContain('[masked]');
    const stored = await service.database.rows(
      'select detail from deliveries union select detail from delivery_attempts',
    );
    for (const secret of [hubspot.token, email, 'Hopper', '555 0100'])
      expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('caps the attempts of a day; the others wait for the next day', async () => {
    await edit('desk', { maxPerDay: 2 });
    const customers = await driver.onboardSome(4);
    await driver.settle();
    const arrived = () => customers.filter(({ id }) => desk.persons.has(id)).length;
    expect(arrived()).toBe(2);
    const { state, deliveries, maxPerDay } = await connector('desk');
    expect([state.state, deliveries.attemptsToday, deliveries.queued, maxPerDay]).toEqual([
      'capped',
      2,
      2,
      2,
    ]);
    expect(new Date(state.cappedUntil).toISOString()).toMatch(/T00:00:00.000Z$/);
    await edit('desk', { maxPerDay: 3 });
    await driver.settle();
    expect(arrived()).toBe(3);
    await service.database.rows(`update request_counts set hour = hour - interval '1 day'`);
    await service.database.rows('update connectors set capped_until = now() where capped_until is not null');
    await driver.settle();
    expect(arrived()).toBe(4);
    await edit('desk', { maxPerDay: null });
    expect((await connector('desk')).deliveries.attemptsToday).toBeNull();
  });

  it('deletes a connector that nothing needs, and a later one of its name inherits nothing', async () => {
    const settings = { baseUrl: desk.url };
    await driver.connect({ name: 'spare', system: 'desk', settings });
    const [customer, leaving] = [await driver.onboard(), await driver.onboard()];
    await driver.settle();
    await queue({ connector: 'spare', customerId: customer.id, occurrence: 'once' });
    await service.admin('connectors/spare/disable', {});
    const remove = () => service.admin('connectors/spare', undefined, 'DELETE');

    await service.admin(`customers/${leaving.stripe.id}/erase`, { confirm: leaving.stripe.id });
    expect(await remove()).toMatchObject({ status: 409, body: { code: 'connector_busy' } });
    await driver.settleLater();
    const user = service.app.get(SomeUser, { strict: false });
    user.uses = ['Welcome ticket'];
    expect((await remove()).body).toMatchObject({
      code: 'connector_in_use',
      errors: ['tests: Welcome ticket'],
    });
    user.uses = [];
    expect((await remove()).status).toBe(204);
    expect((await service.admin('connectors/spare')).status).toBe(404);
    expect(await service.database.count('connector_erasures', `connector = 'spare'`)).toBe(1);

    await driver.connect({ name: 'spare', system: 'desk', settings });
    expect(await service.database.count('connector_links', `connector = 'spare'`)).toBe(0);
    await queue({ connector: 'spare', customerId: customer.id, occurrence: 'once' });
    await driver.settle();
    expect(desk.tickets.filter(({ person }) => person === customer.id)).toEqual([]);
    const cancelled = (await driver.deliveriesOf(customer, 'spare')).find(
      ({ kind }) => kind === 'createTicket',
    );
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'connector_deleted' });
    const resent = await service.admin(`deliveries/${cancelled?.id}/resend`, {});
    expect(resent.body.code).toBe('delivery_ended');
    const { body } = await service.admin('audit-entries?action=connector.deleted');
    expect(body.items).toHaveLength(1);
    await service.admin('connectors/spare/disable', {});
  });

  it('changes many deliveries by a job, each once', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await service.database.rows(
      `insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts,
         next_attempt_at, reason, is_unknown, created_at, updated_at, ended_at)
       select gen_random_uuid(), 'desk', $1, 'createTask', i, '{}', 'rejected', false, 1, now(), 'test', false, now(),
         now(), now()
       from generate_series(1, 1001) i`,
      [customer.id],
    );
    const filter = { connector: 'desk', status: 'rejected', reason: 'test' };
    const started = { matching: 1001, done: 0, isRunning: true };
    expect((await service.admin('deliveries/bulk', { act: 'resend', ...filter })).body).toEqual(started);
    await alerted.work();
    const queued = { act: 'cancel', status: 'queued', kind: 'createTask' };
    expect((await service.admin('deliveries/bulk', queued)).body).toEqual(started);
    await alerted.work();
    const cancelled = `kind = 'createTask' and status = 'cancelled' and reason = 'operator'`;
    expect(await service.database.count('deliveries', cancelled)).toBe(1001);
    expect((await service.admin('deliveries/bulk', queued)).body).toEqual({
      ...started,
      matching: 0,
      isRunning: false,
    });
  });

  it('keeps the keys of old effects, and nothing else about them', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await queue({ customerId: customer.id, occurrence: 'old' });
    desk.failNext({ answer: { status: 422 } });
    await driver.settle();
    daysLater = 89;
    const purge = () => service.app.get(PurgeDeliveriesJob, { strict: false }).run();
    await purge();
    expect(await driver.deliveriesOf(customer, 'desk')).toHaveLength(2);
    daysLater = 91;
    await purge();
    const left = await driver.deliveriesOf(customer, 'desk');
    expect(left).toMatchObject([
      { kind: 'createTicket', status: 'cancelled', reason: 'expired', detail: null },
    ]);
    await queue({ customerId: customer.id, occurrence: 'old' });
    await driver.settle();
    expect(desk.tickets.filter(({ person }) => person === customer.id)).toEqual([]);
    expect((await service.admin(`deliveries/${left[0]?.id}/resend`, {})).body.code).toBe('delivery_ended');
    await service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    expect(await service.database.count('connector_erasures', `customer_id = '${customer.id}'`)).toBe(2);
  });

  it.each([
    ['auth http_401', { answer: { status: 401 } }],
    ['quota http_429', { answer: { status: 429, headers: { 'retry-after': '3600' } } }],
    ['http_503', { answer: { status: 503 } }],
  ])('gets an alert about the fault %s, which ends with it', async (fault, answer) => {
    const lasts = `update connectors set fault_since = now() - interval '20 minutes' where name = 'desk'`;
    const begin = async () => {
      desk.failAlways(answer);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await driver.onboard();
        await driver.settle();
      }
      await service.database.rows(lasts);
      expect((await connector('desk')).state).toMatchObject({ state: 'paused', fault });
      await waitFor('the metric', () => metric('connector_paused'));
    };
    const end = async () => {
      desk.failAlways(null);
      for (let probe = 0; probe < 4; probe += 1) await driver.settleLater();
      expect((await connector('desk')).state).toMatchObject({ state: 'works', fault: null });
    };
    await alerted.proves('connector_paused', begin, end);
  });

  it('gets alerts about deliveries that are late, rejected or held, which end with their cause', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    const change = (columns: string) =>
      service.database.rows(
        `update deliveries set ${columns} where customer_id = $1 and connector = 'desk'`,
        [customer.id],
      );
    const old = `update outbox set recorded_at = now() - interval '1 hour' where customer_id = $1`;
    const unread = async () => {
      await driver.update(customer, { name: 'Later' });
      await service.database.rows(old, [customer.id]);
    };
    await alerted.proves('outbox_behind', unread, () => driver.settle());
    const accepted = () => change(`status = 'accepted'`);
    const late = () => change(`status = 'queued', next_attempt_at = now() - interval '1 hour'`);
    await alerted.proves('connector_behind', late, accepted);
    await alerted.proves('deliveries_held', () => change(`status = 'held'`), accepted);
    const twelve = `insert into deliveries select (jsonb_populate_record(deliveries, jsonb_build_object(
      'id', gen_random_uuid(), 'position', position + i, 'occurrence', i, 'status', 'rejected'))).*
      from deliveries, generate_series(1, 12) i where customer_id = $1 and connector = 'desk'`;
    const reject = () => service.database.rows(twelve, [customer.id]);
    const mend = `update deliveries set status = 'accepted' where status = 'rejected'`;
    await alerted.proves('deliveries_rejected', reject, () => service.database.rows(mend));
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorBackfills } from '../../src/integrations/backfills/connector-backfills.service.js';
import { ConnectorDriver, LOCAL_SYSTEMS } from '../support/connectors/connector-driver.js';
import { FakeHubSpot } from '../support/connectors/fake-hubspot.js';
import { TestApp } from '../support/test-app.js';

const SECRET = 'SECRET_TEST_HUBSPOT';

describe('HubSpot', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let hubspot: FakeHubSpot;

  beforeAll(async () => {
    hubspot = await new FakeHubSpot().start();
    process.env[SECRET] = hubspot.token;
    service = await TestApp.start({ env: LOCAL_SYSTEMS });
    driver = new ConnectorDriver(service);
    const settings = { baseUrl: hubspot.url };
    await driver.connect({ name: 'crm', system: 'hubspot', settings, secrets: { token: `env:${SECRET}` } });
  });
  afterAll(async () => {
    await service.stop();
    await hubspot.stop();
  });
  afterEach(() => {
    hubspot.requests.length = 0;
    hubspot.rateHeaders = {};
    hubspot.failAlways(null);
  });

  const upserts = () => hubspot.received(/batch\/upsert$/);

  it('gets a contact for a new customer, found by our id', async () => {
    const customer = await driver.onboard({ name: 'Ada Lovelace', email: 'ADA@example.com' });
    await driver.settle();
    expect(hubspot.byKey(customer.id)?.properties).toMatchObject({
      email: 'ada@example.com',
      firstname: 'Ada',
      lastname: 'Lovelace',
      lifecyclestage: 'opportunity',
    });
    const [{ body } = { body: null }] = upserts();
    const [delivery] = await driver.deliveriesOf(customer);
    expect(body.inputs).toMatchObject([
      { id: customer.id, idProperty: 'mingus_customer_id', objectWriteTraceId: delivery?.id },
    ]);
    expect(delivery).toMatchObject({ kind: 'upsertPerson', status: 'accepted', attempts: 1 });
  });

  it('keeps names that people corrected, and phones that people added', async () => {
    const customer = await driver.onboard({ name: 'Ada Lovelace' });
    await driver.settle();
    Object.assign(hubspot.byKey(customer.id)?.properties ?? {}, { lastname: 'King', phone: '+44 1' });
    await driver.update(customer, { name: 'A. Lovelace', phone: '+44 2', email: 'ada.king@example.com' });
    await driver.settle();
    expect(hubspot.byKey(customer.id)?.properties).toMatchObject({
      email: 'ada.king@example.com',
      firstname: 'Ada',
      lastname: 'King',
      phone: '+44 1',
    });
  });

  it('is not asked when nothing has changed for it', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    hubspot.requests.length = 0;
    await driver.update(customer, { description: 'VIP' });
    await driver.settle();
    expect(hubspot.requests).toEqual([]);
    expect((await driver.deliveriesOf(customer)).map(({ status }) => status)).toEqual([
      'accepted',
      'unchanged',
    ]);
  });

  it('refuses one contact of a batch without harm to the others', async () => {
    const [good, twin] = [await driver.onboard(), await driver.onboard({ email: 'taken@example.com' })];
    const taken = { email: 'taken@example.com', mingus_customer_id: good.id.replace(/^./, 'f') };
    hubspot.contacts.set('7', { id: '7', properties: taken });
    await driver.settle();
    expect(await driver.deliveriesOf(good)).toMatchObject([{ status: 'accepted' }]);
    const reason = 'email_of_another_person';
    expect(await driver.deliveriesOf(twin)).toMatchObject([{ status: 'rejected', reason }]);
    expect(upserts()).toHaveLength(1);
  });

  it('keeps a contact that it had before with the same address, which becomes ours with what people wrote', async () => {
    const properties = { email: 'known@example.com', lastname: 'King', phone: '+44 1' };
    hubspot.contacts.set('8', { id: '8', properties });
    const customer = await driver.onboard({
      email: 'known@example.com',
      name: 'Ada Lovelace',
      phone: '+44 2',
    });
    await driver.settle();
    expect(await driver.deliveriesOf(customer)).toMatchObject([{ status: 'accepted' }]);
    expect(hubspot.byKey(customer.id)).toMatchObject({
      id: '8',
      properties: { firstname: 'Ada', lastname: 'King', phone: '+44 1', lifecyclestage: 'opportunity' },
    });
  });

  it('keeps phones when it cannot be read, and gets one later that the customer had not', async () => {
    const customer = await driver.onboard({ phone: null });
    await driver.settle();
    await driver.update(customer, { phone: '+44 3' });
    hubspot.failNext({ answer: { status: 500 } });
    await driver.settle();
    expect(await driver.deliveriesOf(customer)).toMatchObject([{}, { status: 'queued', reason: 'http_500' }]);
    await driver.settleLater();
    expect(hubspot.byKey(customer.id)?.properties.phone).toBe('+44 3');
  });

  it('gets a task about a contact, and loses it with the person', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await driver.enqueue(customer, { kind: 'createTask', content: { title: 'Call' }, connector: 'crm' });
    await driver.settle();
    const [task] = hubspot.tasks.values();
    expect(task).toMatchObject({
      properties: { hs_task_subject: 'Call' },
      contactId: hubspot.byKey(customer.id)?.id,
    });
    const { body } = await service.admin('deliveries?connector=crm&kind=createTask');
    expect(body.items).toMatchObject([{ status: 'accepted', foreignId: task?.id }]);
    await service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    await driver.settle();
    expect(hubspot.tasks.size).toBe(0);
  });

  it('moves a contact back to an earlier stage by clearing it first', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    Object.assign(hubspot.byKey(customer.id)?.properties ?? {}, { lifecyclestage: 'customer' });
    await driver.update(customer, { email: 'back@example.com' });
    await driver.settle();
    expect(hubspot.byKey(customer.id)?.properties.lifecyclestage).toBe('opportunity');
    expect(upserts().at(-2)?.body.inputs[0].properties.lifecyclestage).toBe('');
  });

  it('pauses when its token is refused, loses nothing, and goes on with a new token', async () => {
    hubspot.token = 'pat-eu1-rotated';
    const customer = await driver.onboard();
    await driver.settle();
    const { body } = await service.admin('connectors/crm');
    expect(body.state).toMatchObject({ state: 'paused', fault: 'auth http_401' });
    expect(await driver.deliveriesOf(customer)).toMatchObject([
      { status: 'queued', attempts: 0, reason: 'http_401' },
    ]);
    process.env[SECRET] = hubspot.token;
    await driver.settleLater();
    expect(await driver.deliveriesOf(customer)).toMatchObject([{ status: 'accepted', reason: null }]);
    expect((await service.admin('connectors/crm')).body.state).toMatchObject({ state: 'works', fault: null });
  });

  it.each([
    ['seconds', () => '40', 40],
    ['a date', () => new Date(Date.now() + 50_000).toUTCString(), 50],
  ])('is left alone as long as Retry-After asks for, in %s', async (_form, header, seconds) => {
    const customer = await driver.onboard();
    hubspot.failAlways({ answer: { status: 429, headers: { 'retry-after': header() } } });
    await driver.settle();
    const [row] = await service.database.rows<{ seconds: number }>(
      `select extract(epoch from paused_until - now())::float8 as seconds from connectors where name = 'crm'`,
    );
    expect(row?.seconds).toBeGreaterThan(seconds - 3);
    expect(row?.seconds).toBeLessThanOrEqual(seconds);
    hubspot.failAlways(null);
    await driver.settleLater();
    expect(await driver.deliveriesOf(customer)).toMatchObject([{ status: 'accepted', attempts: 1 }]);
  });

  it('gets no further request in an interval whose requests are used up, by its own headers', async () => {
    hubspot.rateHeaders = {
      'x-hubspot-ratelimit-remaining': '0',
      'x-hubspot-ratelimit-interval-milliseconds': '60000',
    };
    await service.admin('connectors/crm/health');
    const [row] = await service.database.rows<{ seconds: number }>(
      `select max(extract(epoch from free_at - now()))::float8 as seconds from connector_rates`,
    );
    expect(row?.seconds).toBeGreaterThan(55);
    hubspot.requests.length = 0;
    const customer = await driver.onboard();
    await driver.settle();
    expect(hubspot.requests).toEqual([]);
    expect(await driver.deliveriesOf(customer)).toMatchObject([{ status: 'queued', attempts: 0 }]);
    hubspot.rateHeaders = {};
    await service.database.rows('delete from connector_rates');
    await driver.settleLater();
    expect(await driver.deliveriesOf(customer)).toMatchObject([{ status: 'accepted' }]);
  });

  it('loses a person who is erased, by id, and gives a receipt', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    const contactId = hubspot.byKey(customer.id)?.id;
    await driver.update(customer, { name: 'Never Sent' });
    const erase = `customers/${customer.stripe.id}/erase`;
    const first = await service.admin(erase, { confirm: customer.stripe.id });
    expect(first.body.receipts).toMatchObject([{ connector: 'crm', status: 'under_way' }]);
    await driver.settle();
    expect(hubspot.deleted).toContain(contactId);
    expect(hubspot.byKey(customer.id)).toBeUndefined();
    const again = await service.admin(erase, { confirm: customer.stripe.id });
    expect(again.body.receipts).toMatchObject([{ connector: 'crm', status: 'accepted' }]);
    expect(JSON.stringify(hubspot.requests)).not.toContain('Never');
    expect(await service.database.count('connector_links', `customer_id = '${customer.id}'`)).toBe(0);
  });

  it('is not written after a change of account until an operator accepts it, and no stranger is erased', async () => {
    const [kept, erased] = [await driver.onboard(), await driver.onboard()];
    await driver.settle();
    const other = await new FakeHubSpot().start();
    other.portalId = 140_000_002;
    other.token = hubspot.token;
    const secrets = { token: `env:${SECRET}` };
    const stranger = hubspot.byKey(erased.id)?.id ?? '';
    other.contacts.set(stranger, { id: stranger, properties: { email: 'stranger@example.com' } });
    await service.admin('connectors/crm', { settings: { baseUrl: other.url }, secrets }, 'PATCH');
    await driver.update(kept, { email: 'kept@example.com' });
    await service.admin(`customers/${erased.stripe.id}/erase`, { confirm: erased.stripe.id });
    await driver.settle();
    await driver.settleLater();
    expect((await service.admin('connectors/crm')).body.state).toMatchObject({ fault: 'account changed' });
    expect(other.received(/contacts\/(batch|gdpr)/)).toEqual([]);

    expect((await service.admin('connectors/crm/accept-account', {})).status).toBe(204);
    await driver.settle();
    expect(other.byKey(kept.id)?.properties).toMatchObject({ email: 'kept@example.com' });
    const { body } = await service.admin('connectors/crm/erasures?status=refused');
    expect(body).toMatchObject([{ customerId: erased.id, reason: 'account_changed' }]);
    expect(other.contacts.has(stranger)).toBe(true);
    expect((await service.admin('connectors/crm/accept-account', {})).body.code).toBe(
      'connector_account_unchanged',
    );
    await service.admin('connectors/crm', { settings: { baseUrl: hubspot.url }, secrets }, 'PATCH');
    await driver.onboard();
    await driver.settle();
    await service.admin('connectors/crm/accept-account', {});
    await other.stop();
  });

  it('gets all persons again from a backfill that is forced', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    hubspot.contacts.clear();
    for (const force of [false, true]) {
      const { body } = await service.admin('connectors/crm/backfills', { force });
      while (await service.app.get(ConnectorBackfills).queuePage(body.id));
      await driver.settle();
      expect(hubspot.byKey(customer.id) !== undefined).toBe(force);
    }
  });

  it('says what it lacks', async () => {
    hubspot.hasKeyProperty = false;
    const { body } = await service.admin('connectors/crm/health');
    expect(body).toMatchObject({ credential: 'accepted', missingFields: ['mingus_customer_id (unique)'] });
    hubspot.hasKeyProperty = true;
  });

  it('shows the request for a customer without sending it', async () => {
    const customer = await driver.onboard({ name: 'Grace Hopper' });
    const { body } = await service.admin(`connectors/crm/plan/${customer.stripe.id}`);
    expect(hubspot.received(/upsert/)).toEqual([]);
    expect(body.request).toMatchObject({
      method: 'POST',
      url: `${hubspot.url}/crm/v3/objects/contacts/batch/upsert`,
      headers: { authorization: 'Bearer <token>' },
      body: { inputs: [{ id: customer.id, properties: { firstname: 'Grace' } }] },
    });
    await driver.settle();
  });
});

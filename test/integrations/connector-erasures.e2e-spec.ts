import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorBackfills } from '../../src/integrations/backfills/connector-backfills.service.js';
import { ConnectorErasures } from '../../src/integrations/erasures/connector-erasures.service.js';
import { enqueueDelivery } from '../../src/integrations/deliveries/enqueue-delivery.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import { FakeHubSpot } from '../support/connectors/fake-hubspot.js';
import { runCommand } from '../support/process/command-line.js';
import { TestApp, testEnvironment } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const SECRET = 'SECRET_TEST_ERASURES';

/** What a process does that takes all deliveries about a customer. */
const CLAIM = `
  update deliveries set status = 'delivering', claim = gen_random_uuid(), tried_at = now(),
    claimed_until = now() + interval '1 hour'
  from json_to_recordset($1::json) as given ("customerId" uuid) where customer_id = "customerId"`;

describe('the erasure of a person', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let hubspot: FakeHubSpot;

  beforeAll(async () => {
    hubspot = await new FakeHubSpot().start();
    process.env[SECRET] = hubspot.token;
    service = await TestApp.start({ env: { ...LOCAL_SYSTEMS, CONNECTOR_TIMEOUT_SECONDS: '1' } });
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
    hubspot.failAlways(null);
  });

  const erase = async ({ stripe: { id } }: TestCustomer) =>
    (await service.admin(`customers/${id}/erase`, { confirm: id })).body;

  const isBlocked = async () =>
    (await service.database.count(
      'pg_stat_activity',
      `wait_event_type = 'Lock' and datname = current_database()`,
    )) > 0 || null;

  it('is ordered from a system whose first delivery was claimed while it was under way', async () => {
    const customer = await driver.onboard();
    await driver.relay();
    const claim = new UnitOfWork();
    claim.execute(CLAIM, { customerId: customer.id });
    let erased: Promise<{ receipts: unknown[] }> | undefined;
    await driver.write(claim, async () => {
      erased = erase(customer);
      await waitFor('the erasure to wait', isBlocked);
    });
    expect((await erased)?.receipts).toMatchObject([{ connector: 'crm', status: 'under_way' }]);
    await service.database.rows(`update deliveries set claimed_until = now() where status = 'delivering'`);
    await driver.settleLater();
    expect(JSON.stringify(hubspot.requests)).not.toContain(customer.stripe.email);
  });

  it('cancels what another transaction queues at the same time, and leaves nothing of it', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    const unit = new UnitOfWork();
    const content = { title: 'Call the secret person' };
    const action = { connector: 'crm', kind: 'createTask', occurrence: 'same-time', content } as const;
    enqueueDelivery(unit, { ...action, customerId: customer.id });
    let erased: Promise<unknown> | undefined;
    await driver.write(unit, async () => {
      erased = erase(customer);
      await waitFor('the erasure to wait', isBlocked);
    });
    await erased;
    const tasks = (await driver.deliveriesOf(customer)).filter(({ kind }) => kind === 'createTask');
    expect(tasks).toMatchObject([{ status: 'cancelled', reason: 'person_erased' }]);
    expect(await service.database.dump()).not.toContain('the secret person');
  });

  it('keeps a backfill from queueing the person', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await erase(customer);
    await service.database.rows(`update customers set erased_at = null, deleted_at = null where id = $1`, [
      customer.id,
    ]);
    const { body } = await service.admin('connectors/crm/backfills', { force: true });
    while (await service.app.get(ConnectorBackfills).queuePage(body.id));
    expect(await driver.deliveriesOf(customer)).toHaveLength(1);
    await service.database.rows('update customers set erased_at = now() where id = $1', [customer.id]);
  });

  it('is not complete while a system refuses it, which an operator can see and try again', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    const { mingus_user_id: userId } = customer.stripe.metadata as { mingus_user_id: string };
    const { body } = await service.admin(`users/${userId}/erase`, { confirm: userId });
    expect(body).toMatchObject({ isComplete: false, receipts: [{ connector: 'crm', status: 'under_way' }] });
    hubspot.isUnderLegalHold = true;
    await driver.settle();
    hubspot.isUnderLegalHold = false;
    expect(await erase(customer)).toMatchObject({
      isComplete: false,
      receipts: [{ status: 'refused', reason: 'http_400' }],
    });
    const environment = testEnvironment(service.database.url, service.smtp.port, LOCAL_SYSTEMS);
    const { stdout } = await runCommand(['doctor'], environment);
    expect(stdout).toContain('1 persons are not erased');

    const [receipt] = (await service.admin('connectors/crm/erasures?status=refused')).body;
    expect(receipt).toMatchObject({ customerId: customer.id, reason: 'http_400' });
    const retry = `connectors/crm/erasures/${customer.id}/retry`;
    expect((await service.admin(retry, {})).body).toMatchObject({ status: 'under_way' });
    await driver.settle();
    expect(await erase(customer)).toMatchObject({ isComplete: true, receipts: [{ status: 'accepted' }] });
    expect((await service.admin(retry, {})).body.code).toBe('erasure_settled');
  });

  it('keeps its receipt when an attempt ends that another one has taken over', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await erase(customer);
    hubspot.requests.length = 0;
    hubspot.failNext({ act: 'silence' });
    const slow = service.app.get(ConnectorErasures).eraseNext('crm');
    await waitFor('the first attempt', () => hubspot.requests.length > 0);
    await driver.settleLater();
    await slow;
    expect(
      await service.database.count(
        'connector_erasures',
        'settled_at is not null and next_attempt_at is not null',
      ),
    ).toBe(0);
    expect(await erase(customer)).toMatchObject({ receipts: [{ status: 'accepted' }] });
    const { body } = await service.admin('audit-entries?action=customer.erased_elsewhere');
    const mine = body.items.filter(({ objectId }: { objectId: string }) => objectId === customer.stripe.id);
    expect(mine).toHaveLength(1);
  });

  it('is settled by hand where the system never answers', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await erase(customer);
    hubspot.failAlways({ answer: { status: 401 } });
    await driver.settle();
    const settle = `connectors/crm/erasures/${customer.id}/settle`;
    const { status, body } = await service.admin(settle, { reason: 'The contract has ended' });
    expect([status, body]).toMatchObject([
      200,
      { status: 'confirmed', reason: 'by_hand', nextAttemptAt: null },
    ]);
    expect(await erase(customer)).toMatchObject({ isComplete: true });
    expect((await service.admin(settle, { reason: 'again' })).body.code).toBe('erasure_settled');
    const { body: audit } = await service.admin('audit-entries?action=connector_erasure.settled');
    expect(audit.items).toMatchObject([
      { details: { reason: 'The contract has ended', before: 'http_401' } },
    ]);
  });

  it('of a disabled connector can be given up with its account, and no other account is asked', async () => {
    const customer = await driver.onboard();
    await driver.settle();
    await service.admin('connectors/crm/disable', {});
    const { token, portalId } = hubspot;
    Object.assign(hubspot, { token: 'other', portalId: 7 });
    process.env[SECRET] = hubspot.token;
    await erase(customer);
    await driver.settleLater();
    const remove = () => service.admin('connectors/crm', undefined, 'DELETE');
    expect((await remove()).body.code).toBe('connector_busy');
    expect((await service.admin('connectors/crm/accept-account', {})).status).toBe(204);
    const erasure = `connectors/crm/erasures/${customer.id}`;
    expect((await service.admin(`${erasure}/retry`, {})).body.code).toBe('erasure_in_other_account');
    expect((await remove()).status).toBe(204);
    expect((await service.admin(`${erasure}/retry`, {})).body.code).toBe('connector_not_found');
    expect(hubspot.byKey(customer.id)).toBeDefined();
    expect((await service.admin(`${erasure}/settle`, { reason: 'Deleted there' })).body.status).toBe(
      'confirmed',
    );

    Object.assign(hubspot, { token, portalId });
    process.env[SECRET] = token;
    const settings = { baseUrl: hubspot.url };
    await driver.connect({ name: 'crm', system: 'hubspot', settings, secrets: { token: `env:${SECRET}` } });
  });

  const NO_ID = '01934f5e-7c00-7000-8000-000000000001';

  it.each([
    [404, 'connector_not_found', 'connectors/none/erasures', undefined],
    [400, 'invalid_request', 'connectors/crm/erasures?status=gone', undefined],
    [404, 'erasure_not_found', `connectors/crm/erasures/${NO_ID}/retry`, {}],
    [400, 'bad_request', 'connectors/crm/erasures/x/retry', {}],
    [404, 'connector_not_found', `connectors/none/erasures/${NO_ID}/retry`, {}],
    [404, 'erasure_not_found', `connectors/none/erasures/${NO_ID}/settle`, { reason: 'done' }],
    [400, 'bad_request', 'connectors/crm/erasures/x/settle', { reason: 'done' }],
    [400, 'invalid_request', `connectors/crm/erasures/${NO_ID}/settle`, {}],
    [400, 'invalid_request', `connectors/crm/erasures/${NO_ID}/settle`, { reason: '' }],
    [404, 'connector_not_found', 'connectors/none/accept-account', {}],
    [400, 'invalid_request', 'connectors/crm/backfills', { force: 'yes' }],
  ])('answers %i %s to %s', async (status, code, path, body) => {
    const answer = await service.admin(path, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

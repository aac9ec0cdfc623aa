import { randomBytes } from 'node:crypto';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorRegistry } from '../../src/integrations/connectors/connector-registry.service.js';
import { HubSpotConnector } from '../../src/integrations/systems/hubspot.connector.js';
import { unseal } from '../../src/platform/secrets/secret-box.js';
import { SecretsSettings } from '../../src/platform/secrets/secrets.settings.js';
import { ConnectorDriver, LOCAL_SYSTEMS } from '../support/connectors/connector-driver.js';
import { FakeHubSpot } from '../support/connectors/fake-hubspot.js';
import { runCommand } from '../support/process/command-line.js';
import { TestApp, testEnvironment } from '../support/test-app.js';

const aKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('a connector', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let hubspot: FakeHubSpot;
  const key = aKey('2026');

  beforeAll(async () => {
    hubspot = await new FakeHubSpot().start();
    service = await TestApp.start({ env: { ...LOCAL_SYSTEMS, SECRETS_KEYS: key } });
    driver = new ConnectorDriver(service);
    const settings = { baseUrl: hubspot.url };
    await driver.connect({ name: 'crm', system: 'hubspot', settings, secrets: { token: hubspot.token } });
  });
  afterAll(async () => {
    await service.stop();
    await hubspot.stop();
  });

  it('keeps its secret encrypted and shows it nowhere', async () => {
    await driver.onboard();
    await driver.settle();
    expect(hubspot.contacts.size).toBe(1);
    const { body } = await service.admin('connectors/crm');
    expect(body.secrets).toEqual({ token: 'stored' });
    expect(JSON.stringify([body, (await service.admin('audit-entries')).body])).not.toContain(hubspot.token);
    expect(await service.database.dump()).not.toContain(hubspot.token);
  });

  it('reads its secret with the new key alone after a rotation', async () => {
    const fresh = aKey('2027');
    const environment = (keys: string) =>
      testEnvironment(service.database.url, service.smtp.port, { SECRETS_KEYS: keys });
    const rotated = await runCommand(['secrets', 'rotate'], environment(`${fresh},${key}`));
    expect(rotated).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 secrets') });
    expect((await runCommand(['secrets', 'rotate'], environment(fresh))).stdout).toContain('0 secrets');
    const [stored] = await service.database.rows<{ token: string }>(
      `select secrets ->> 'token' as token from connectors where name = 'crm'`,
    );
    expect(stored?.token).toMatch(/^v1:2027:/);
    const { keys = [] } = new SecretsSettings({ SECRETS_KEYS: fresh });
    expect(unseal(stored?.token ?? '', 'connector crm token', keys)).toBe(hubspot.token);
    await service.admin('connectors/crm', { secrets: { token: hubspot.token } }, 'PATCH');
  });

  it('shows what a new mapping would change for real customers, and keeps versions', async () => {
    const customer = await driver.onboard({ name: 'Ada Lovelace', email: 'ada@example.com' });
    const mapping = { email: { from: 'customer.email', apply: ['upper'] }, plan: { constant: 'none' } };
    const { body } = await service.admin('connectors/crm/mapping-changes', { mapping });
    const mine = body.find(
      ({ stripeCustomerId }: { stripeCustomerId: string }) => stripeCustomerId === customer.stripe.id,
    );
    expect(mine.changes).toContainEqual({
      field: 'email',
      before: 'ada@example.com',
      after: 'ADA@EXAMPLE.COM',
    });
    expect(mine.changes).toContainEqual({ field: 'lastname', before: 'Lovelace', after: null });
    const edited = await service.admin('connectors/crm', { mapping }, 'PATCH');
    expect(edited.body).toMatchObject({ mappingVersion: 2, mapping });
    await driver.settle();
    expect(hubspot.byKey(customer.id)?.properties).toMatchObject({ email: 'ADA@EXAMPLE.COM', plan: 'none' });
  });

  it('is listed with its system, which declares the form of its settings', async () => {
    const { body } = await service.admin('connectors/systems');
    const system = body.find(({ system: name }: { system: string }) => name === 'hubspot');
    expect(system).toMatchObject({ family: 'crm', title: 'HubSpot' });
    expect(system.fields.map(({ name, kind }: Record<string, string>) => [name, kind])).toEqual([
      ['baseUrl', 'url'],
      ['token', 'secret'],
    ]);
  });

  const ok = { name: 'new', system: 'hubspot' };
  const invalidSettings = {
    baseUrl: ['file:///x', 'https://a:b@c.de', 'https://c.de/', '', 1, null, ['https://c.de']],
  };

  it.each(invalidSettings.baseUrl)('refuses the setting %j', async (baseUrl) => {
    const answer = await service.admin('connectors', { ...ok, settings: { baseUrl } });
    expect([answer.status, answer.body.code]).toEqual([400, 'connector_settings_invalid']);
  });

  it.each([
    {},
    null,
    { from: 'customer.id', constant: 1 },
    { from: 'customer.password' },
    { from: '__proto__' },
    { from: 'customer.id', apply: ['eval'] },
    { from: 'customer.id', when: 'maybe' },
    { from: 'customer.id', code: '1' },
    { constant: { nested: 1 } },
    { constant: 1, values: [] },
  ])('refuses the rule %j of a mapping', async (rule) => {
    const answer = await service.admin('connectors', { ...ok, mapping: { field: rule } });
    expect([answer.status, answer.body.code]).toEqual([400, 'mapping_invalid']);
  });

  const NO_ID = '01934f5e-7c00-7000-8000-000000000001';
  const edit = (changes: object) => ['PATCH', 'connectors/crm', changes] as const;
  const create = (fields: object) => ['POST', 'connectors', { ...ok, ...fields }] as const;
  const post = (path: string, body: object = {}) => ['POST', path, body] as const;
  const get = (path: string) => ['GET', path, undefined] as const;

  it.each([
    [409, 'connector_exists', create({ name: 'crm' })],
    [400, 'system_unknown', create({ system: 'fax' })],
    [400, 'invalid_request', create({ name: 'A B' })],
    [400, 'invalid_request', create({ settings: [1] })],
    [400, 'connector_settings_invalid', create({ settings: { x: 1 } })],
    [400, 'connector_settings_invalid', create({ secrets: { x: 'y' } })],
    [400, 'connector_settings_invalid', create({ secrets: { token: 1 } })],
    [400, 'secret_invalid', create({ secrets: { token: '' } })],
    [400, 'secret_invalid', create({ secrets: { token: 'env:DATABASE_URL' } })],
    [400, 'invalid_request', create({ events: ['customer.loved'] })],
    [400, 'mapping_invalid', create({ mapping: {} })],
    [400, 'invalid_request', create({ name: 'systems' })],
    [400, 'invalid_request', edit({ events: 'all' })],
    [400, 'invalid_request', edit({ events: null })],
    [400, 'invalid_request', edit({ sendsPeople: null })],
    [400, 'invalid_request', edit({ settings: null })],
    [400, 'invalid_request', post('deliveries/bulk', { act: 'cancel', status: 'queued', connector: null })],
    [400, 'mapping_invalid', edit({ mapping: { a: {} } })],
    [404, 'connector_not_found', ['PATCH', 'connectors/none', {}] as const],
    [404, 'connector_not_found', post('connectors/none/enable')],
    [404, 'connector_not_found', post('connectors/none/disable')],
    [404, 'connector_not_found', post('connectors/none/resume')],
    [404, 'connector_not_found', post('connectors/none/backfills')],
    [404, 'connector_not_found', get('connectors/none/backfills')],
    [404, 'connector_not_found', get('connectors/none/health')],
    [404, 'customer_not_found', get('connectors/crm/plan/cus_none')],
    [400, 'invalid_request', post('connectors/crm/mapping-changes')],
    [404, 'backfill_not_found', post(`connectors/crm/backfills/${NO_ID}/cancel`)],
    [400, 'bad_request', post('connectors/crm/backfills/x/cancel')],
    [404, 'delivery_not_found', post(`deliveries/${NO_ID}/resend`)],
    [400, 'bad_request', post('deliveries/x/cancel')],
    [400, 'invalid_request', get('deliveries?status=gone')],
    [400, 'invalid_request', get('deliveries?connector=')],
    [400, 'invalid_request', post('deliveries/bulk', { act: 'burn', status: 'held' })],
    [409, 'delivery_ended', post('deliveries/bulk', { act: 'resend', status: 'accepted' })],
  ])('answers %i %s to %j', async (status, code, [method, path, body]) => {
    const before = await service.database.count('connectors');
    const answer = await service.admin(path, body, method);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await service.database.count('connectors')).toBe(before);
  });

  it('is not enabled without its secrets', async () => {
    await service.admin('connectors', { name: 'bare', system: 'hubspot' });
    const { status, body } = await service.admin('connectors/bare/enable', {});
    expect([status, body.code]).toEqual([400, 'connector_settings_invalid']);
    const fill = await service.admin('connectors/bare/backfills', {});
    expect([fill.status, fill.body.code]).toEqual([409, 'connector_disabled']);
  });

  it('is enabled without a secret that its system can do without', async () => {
    await driver.connect({
      name: 'events',
      system: 'segment',
      secrets: { writeKey: 'env:SECRET_TEST_WRITE_KEY' },
    });
    const { body } = await service.admin('connectors/events');
    expect(body).toMatchObject({ enabled: true, secrets: { publicApiToken: 'missing' } });
    await service.admin('connectors/events/disable', {});
  });

  it('fails the boot if two classes connect to one system', async () => {
    const twin = { provide: 'twin', useClass: HubSpotConnector };
    const providers = [ConnectorRegistry, HubSpotConnector, twin];
    const module = await Test.createTestingModule({ imports: [DiscoveryModule], providers }).compile();
    await expect(module.init()).rejects.toThrow('Two providers for the connector "hubspot"');
  });
});

import { randomBytes } from 'node:crypto';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/cli/doctor/doctor.command.js';
import { ConnectorRates } from '../../src/integrations/connectors/connector-rates.service.js';
import { ConnectorRegistry } from '../../src/integrations/connectors/connector-registry.service.js';
import { HubSpotConnector } from '../../src/integrations/systems/hubspot.connector.js';
import type { OutboundFault } from '../../src/platform/outbound/outbound-http.service.js';
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

  it('sends its secret to another address only if it is given again', async () => {
    const settings = { baseUrl: 'https://api.elsewhere.test' };
    const refused = await service.admin('connectors/crm', { settings }, 'PATCH');
    expect([refused.status, refused.body.code]).toEqual([400, 'secrets_required']);
    expect(refused.body.errors).toEqual(['token']);
    expect((await service.admin('connectors/crm')).body.settings).toEqual({ baseUrl: hubspot.url });
    const same = { settings: { baseUrl: hubspot.url }, sendsPeople: true };
    expect((await service.admin('connectors/crm', same, 'PATCH')).status).toBe(200);
    const secrets = { token: hubspot.token };
    const moved = await service.admin('connectors/crm', { settings, secrets }, 'PATCH');
    expect(moved.body.settings).toEqual(settings);
    await service.admin('connectors/crm', { settings: { baseUrl: hubspot.url }, secrets }, 'PATCH');
  });

  it('shows what a new mapping would change for real customers, and keeps versions', async () => {
    const person = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+34 1' };
    const customer = await driver.onboard(person);
    const mapping = {
      email: { from: 'customer.email', apply: ['upper'] },
      plan: { constant: 'none' },
      mobile: { from: 'customer.phone', when: 'ifEmpty' },
      since: { from: 'customer.email', when: 'onCreate' },
    };
    const { body } = await service.admin('connectors/crm/mapping-changes', { mapping });
    const mine = body.find(
      ({ stripeCustomerId }: { stripeCustomerId: string }) => stripeCustomerId === customer.stripe.id,
    );
    expect(mine.changes).toContainEqual({
      field: 'email',
      when: 'always',
      before: 'ada@example.com',
      after: 'ADA@EXAMPLE.COM',
    });
    expect(mine.changes).toContainEqual({ field: 'lastname', when: null, before: 'Lovelace', after: null });
    const names = new Set(['mobile', 'since']);
    const conditional = mine.changes.filter(({ field }: { field: string }) => names.has(field));
    expect(conditional).toEqual([
      { field: 'mobile', when: 'ifEmpty', before: null, after: '+34 1' },
      { field: 'since', when: 'onCreate', before: null, after: 'ada@example.com' },
    ]);
    const edited = await service.admin('connectors/crm', { mapping }, 'PATCH');
    expect(edited.body).toMatchObject({ mappingVersion: 2, mapping });
    await driver.settle();
    expect(hubspot.byKey(customer.id)?.properties).toMatchObject({ email: 'ADA@EXAMPLE.COM', plan: 'none' });
  });

  it('shows what a request would change, or that the system could not be read', async () => {
    const phone = { from: 'customer.phone', when: 'ifEmpty' };
    await service.admin('connectors/crm', { mapping: { email: { from: 'customer.email' }, phone } }, 'PATCH');
    const customer = await driver.onboard({ email: 'ada.l@example.com', phone: '+44 1' });
    await driver.settle();
    await driver.update(customer, { email: 'ada@new.example.com', phone: '+44 2' });
    const plan = async () => (await service.admin(`connectors/crm/plan/${customer.stripe.id}`)).body;
    expect(await plan()).toMatchObject({
      outcome: 'request',
      changes: [{ field: 'email', current: 'ada.l@example.com', next: 'ada@new.example.com' }],
      readFault: null,
    });
    hubspot.failNext({ act: 'hang up' });
    expect(await plan()).toMatchObject({ outcome: 'request', changes: null, readFault: 'UND_ERR_SOCKET' });
    hubspot.failAlways({ answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } });
    expect(await plan()).toMatchObject({ outcome: 'request', readFault: 'connector_error' });
    const { status, body } = await service.admin('connectors/crm/health');
    hubspot.failAlways(null);
    expect([status, body]).toMatchObject([200, { credential: 'unreachable', detail: 'connector_error' }]);
  });

  it('with a slow rate waits for one request at a time', async () => {
    const rates = service.app.get(ConnectorRates);
    const slow = { requests: 1, perSeconds: 100, concurrency: 1 };
    await rates.take('slow', slow);
    const held = await rates.take('slow', slow).catch((error: unknown) => error);
    expect(held).toMatchObject({ code: 'RATE_HELD', freeAt: expect.any(Date) });
    await expect(rates.take('slow', slow)).rejects.toMatchObject({ freeAt: (held as OutboundFault).freeAt });
  });

  it('is examined by the doctor: its credential, its fields and its faults', async () => {
    await driver.settle();
    const doctor = async () => {
      const env = testEnvironment(service.database.url, service.smtp.port, {
        ...LOCAL_SYSTEMS,
        SECRETS_KEYS: key,
      });
      const found = await findingsOf(env);
      return found.filter(({ check }) => check === 'connectors').map(({ detail }) => detail);
    };
    expect(await doctor()).toEqual(['1 enabled']);
    hubspot.hasKeyProperty = false;
    expect(await doctor()).toEqual(['HubSpot has no field mingus_customer_id (unique) for crm']);
    hubspot.hasKeyProperty = true;
    await service.database.rows(`update connectors set fault = 'quota http_429' where name = 'crm'`);
    hubspot.failAlways({ answer: { status: 401 } });
    expect(await doctor()).toEqual([
      'HubSpot refuses the credential of crm',
      'The connector crm has a fault: quota http_429',
    ]);
    hubspot.failAlways(null);
    await service.admin('connectors/crm/resume', {});
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
    baseUrl: [
      'http://api.hubapi.com',
      'http://10.1.2.3',
      'http://8.8.8.8',
      'file:///x',
      'https://a:b@c.de',
      'https://c.de/',
      '',
      1,
      null,
      ['https://c.de'],
    ],
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
    [400, 'connector_settings_invalid', create({ system: 'slack', secrets: { webhookUrl: 'hook' } })],
    [
      400,
      'connector_settings_invalid',
      create({ system: 'slack', secrets: { webhookUrl: 'http://8.8.8.8/x' } }),
    ],
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
    [400, 'invalid_request', edit({ maxPerDay: 0 })],
    [400, 'invalid_request', edit({ maxPerDay: 1.5 })],
    [400, 'invalid_request', edit({ maxPerDay: '10' })],
    [400, 'invalid_request', edit({ requestsPerSecond: -1 })],
    [400, 'invalid_request', edit({ requestsPerSecond: '10' })],
    [404, 'connector_not_found', ['DELETE', 'connectors/none', undefined] as const],
    [409, 'connector_enabled', ['DELETE', 'connectors/crm', undefined] as const],
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
    [404, 'delivery_not_found', get(`deliveries/${NO_ID}`)],
    [400, 'bad_request', get('deliveries/x')],
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

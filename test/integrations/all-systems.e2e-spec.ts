import { inspect } from 'node:util';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTION_FIELDS, type DeliveryKind } from '../../src/integrations/connectors/connector.js';
import { ConnectorRegistry } from '../../src/integrations/connectors/connector-registry.service.js';
import { enqueueDelivery } from '../../src/integrations/deliveries/enqueue-delivery.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { ALL_SYSTEMS, type Reachable } from '../support/connectors/all-systems.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import { TestApp } from '../support/test-app.js';

/** What an action gives; each system takes what it knows. */
const GIVEN: Record<string, string> = {
  title: 'Say hello',
  body: 'A new customer',
  text: 'A new customer',
  journey: '12/34',
};

/** As if no answer had come to what created something. */
const LOSE_ANSWERS = `
  update deliveries set status = 'queued', foreign_id = null, next_attempt_at = now() + interval '1 hour',
    is_unknown = connector not in ('planhat', 'vitally'), tried_at = now() - interval '10 minutes'
  where kind in ('createTask', 'createTicket')`;

/** Idempotency of the fake of Zendesk keeps bodies as `keys`, as no system shows them. */
const WHOLE = { depth: 20, maxArrayLength: null, maxStringLength: null };

describe('every system', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let customer: TestCustomer;
  const reachable = new Map<string, Reachable>();

  beforeAll(async () => {
    service = await TestApp.start({ env: LOCAL_SYSTEMS });
    driver = new ConnectorDriver(service);
    for (const [system, start] of Object.entries(ALL_SYSTEMS)) {
      const one = await start();
      reachable.set(system, one);
      const secrets = Object.entries(one.secrets).map(([name, value]) => {
        const variable = `SECRET_TEST_${system.replace('-', '_')}_${name}`.toUpperCase();
        process.env[variable] = value;
        return [name, `env:${variable}`];
      });
      await driver.connect({
        name: system,
        system,
        settings: one.settings,
        secrets: Object.fromEntries(secrets),
      });
    }
    customer = await driver.onboard({ name: 'Ada Lovelace', email: 'ada@example.com', phone: '+1 555 0100' });
    await driver.settle();
  });
  afterAll(async () => {
    await service.stop();
    for (const { fake } of reachable.values()) await fake.stop();
  });

  const capabilitiesOf = (system: string) =>
    service.app.get(ConnectorRegistry).get(system).describe().capabilities;
  const able = (kind: DeliveryKind) =>
    [...reachable.keys()].filter((one) => capabilitiesOf(one).includes(kind));

  /** System → statuses of its deliveries of a kind. */
  async function statusesOf(kind: DeliveryKind): Promise<Record<string, string[]>> {
    const statuses: Record<string, string[]> = {};
    for (const { connector, status, ...row } of await driver.deliveriesOf(customer))
      if (row.kind === kind) (statuses[connector] ??= []).push(status);
    return statuses;
  }

  it('has its fake here', () => {
    expect([...service.app.get(ConnectorRegistry).systems.keys()].toSorted()).toEqual(
      Object.keys(ALL_SYSTEMS).toSorted(),
    );
  });

  it('accepts its credential and says which account it opens', async () => {
    for (const system of reachable.keys()) {
      const { body } = await service.admin(`connectors/${system}/health`);
      expect([system, body]).toMatchObject([system, { missingScopes: [], missingFields: [] }]);
      expect([system, body.credential]).not.toEqual([system, 'refused']);
    }
  });

  it('gets a new customer, and what changes', async () => {
    await driver.update(customer, { name: 'Ada King', email: 'ada.king@example.com' });
    await driver.settle();
    const accepted = able('upsertPerson').map((system) => [system, ['accepted', 'accepted']]);
    expect(await statusesOf('upsertPerson')).toEqual(Object.fromEntries(accepted));
  });

  it('gets each kind of action that it declares', async () => {
    const unit = new UnitOfWork();
    for (const [kind, fields] of Object.entries(ACTION_FIELDS) as [keyof typeof ACTION_FIELDS, never][]) {
      const required = (fields as readonly { name: string; isRequired: boolean }[]).filter(
        ({ isRequired }) => isRequired,
      );
      const content = Object.fromEntries(required.map(({ name }) => [name, GIVEN[name]]));
      for (const connector of able(kind))
        enqueueDelivery(unit, {
          connector,
          customerId: customer.id,
          kind,
          occurrence: `test ${kind}`,
          content,
        });
    }
    const dataSource = service.app.get<DataSource>(getDataSourceToken());
    await dataSource.transaction((manager) => service.app.get(UnitOfWorkWriter).write(manager, [unit]));
    await driver.settle();
    for (const kind of Object.keys(ACTION_FIELDS) as (keyof typeof ACTION_FIELDS)[]) {
      const accepted = able(kind).map((system) => [system, ['accepted']]);
      expect([kind, await statusesOf(kind)]).toEqual([kind, Object.fromEntries(accepted)]);
    }
  });

  /** What the connectors know about their accounts, by name. */
  const accounts = async () => {
    const rows = await service.database.rows<{ name: string; account: string | null; fault: string | null }>(
      'select name, account, fault from connectors order by name',
    );
    return Object.fromEntries(rows.map(({ name, ...one }) => [name, one]));
  };

  it('is taken neither for another account nor for none while it does not answer', async () => {
    const before = await accounts();
    // Slack gets no persons, so that it is not asked here.
    const withId = Object.entries(before).filter(
      ([name, { account }]) => name !== 'slack' && !account?.startsWith('at '),
    );
    expect(withId).toHaveLength(7);
    const ask = async (status: number | null, changes: string) => {
      await service.database.rows(`update connectors set account_checked_for = null ${changes}`);
      for (const { fake } of reachable.values())
        fake.failAlways(status === null ? null : { answer: { status } });
      await driver.update(customer, { name: `Ada ${status}` });
      await driver.settleLater();
      return accounts();
    };
    const unavailable = await ask(503, '');
    expect(Object.values(unavailable).map(({ fault }) => fault)).not.toContain('account changed');
    const busy = await ask(429, ', account = null');
    expect(withId.map(([name]) => busy[name]?.account)).toEqual(withId.map(() => null));
    const present = await ask(null, '');
    for (const [name, { account }] of withId) expect([name, present[name]?.account]).toEqual([name, account]);
    for (const name of reachable.keys()) await service.admin(`connectors/${name}/resume`, {});
  });

  it('loses an erased person with what was created by an action whose answer was lost, and gives a receipt', async () => {
    await service.database.rows(LOSE_ANSWERS);
    for (const { fake } of reachable.values()) fake.requests.length = 0;
    await service.admin(`customers/${customer.stripe.id}/erase`, { confirm: customer.stripe.id });
    await driver.settle();
    const { body } = await service.admin(`customers/${customer.stripe.id}/erase`, {
      confirm: customer.stripe.id,
    });
    const receipts = (body.receipts as { connector: string; status: string }[]).map(
      ({ connector, status }) => [connector, status],
    );
    const expected = [...reachable.keys()].map((system) => {
      const canErase = capabilitiesOf(system).includes('erase');
      return [system, canErase ? expect.stringMatching(/^(accepted|confirmed)$/) : 'unsupported'];
    });
    // HubSpot has no search by our id.
    expect(Object.fromEntries(receipts)).toEqual({ ...Object.fromEntries(expected), hubspot: 'refused' });
    const keep = [...reachable].filter(([, { fake }]) =>
      inspect({ ...fake, keys: null }, WHOLE).includes(GIVEN.title as string),
    );
    expect(keep.map(([system]) => system).toSorted()).toEqual(['hubspot', 'request-tracker']);
  });
});

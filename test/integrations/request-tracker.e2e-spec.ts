import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enqueueDelivery } from '../../src/integrations/deliveries/enqueue-delivery.js';
import type { ConnectorSession } from '../../src/integrations/connectors/connector.js';
import { RequestTrackerConnector } from '../../src/integrations/systems/request-tracker.connector.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { AnswerThief } from '../support/request-tracker/answer-thief.js';
import { ConnectorDriver, LOCAL_SYSTEMS, type TestCustomer } from '../support/connectors/connector-driver.js';
import {
  aRow,
  aTicket,
  deliverOne,
  HOSTILE_NAME,
  idOf,
  openSession,
} from '../support/connectors/open-session.js';
import {
  HAS_REQUEST_TRACKER,
  RequestTrackerServer,
} from '../support/request-tracker/request-tracker-server.js';
import { TestApp } from '../support/test-app.js';

const SECRET = 'SECRET_TEST_REQUEST_TRACKER';
const ROUNDS_MAX = 12;

describe.skipIf(!HAS_REQUEST_TRACKER)('a real Request Tracker (needs request-tracker5 with SQLite)', () => {
  let service: TestApp;
  let driver: ConnectorDriver;
  let rt: RequestTrackerServer;
  let thief: AnswerThief;
  const begun = new Set<string>();

  beforeAll(async () => {
    rt = await RequestTrackerServer.start();
    // The first answer about each ticket is lost.
    thief = await new AnswerThief(rt.url, (call, body) => {
      const isFirst = call === 'POST /REST/2.0/ticket' && !begun.has(body);
      begun.add(body);
      return isFirst;
    }).start();
    process.env[SECRET] = rt.token;
    service = await TestApp.start({ env: LOCAL_SYSTEMS });
    driver = new ConnectorDriver(service);
    await driver.connect({
      name: 'support',
      system: 'request-tracker',
      settings: { baseUrl: thief.url },
      secrets: { token: `env:${SECRET}` },
    });
  });
  afterAll(async () => {
    await service.stop();
    await thief.stop();
    await rt.stop();
  });

  async function openTicket({ id: customerId }: TestCustomer): Promise<void> {
    const unit = new UnitOfWork();
    const content = { title: 'Call the new "customer" 👋', body: 'Plan: gold', priority: 'high' };
    const effect = { connector: 'support', customerId, kind: 'createTicket' as const, occurrence: 'welcome' };
    enqueueDelivery(unit, { ...effect, content });
    const dataSource = service.app.get<DataSource>(getDataSourceToken());
    await dataSource.transaction((manager) => service.app.get(UnitOfWorkWriter).write(manager, [unit]));
  }

  async function statusesOf(customers: readonly TestCustomer[], kind: string): Promise<string[]> {
    const deliveries = await Promise.all(customers.map((customer) => driver.deliveriesOf(customer)));
    return deliveries.flat().flatMap((one) => (one.kind === kind ? [one.status] : []));
  }

  it('gets users, and one ticket per customer, although each answer to a creation is lost', async () => {
    const customers = await driver.onboardSome(3);
    await driver.settle();
    expect(await statusesOf(customers, 'upsertPerson')).toEqual(['accepted', 'accepted', 'accepted']);
    for (const customer of customers) await openTicket(customer);
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      await driver.settleLater();
      if (!(await statusesOf(customers, 'createTicket')).includes('queued')) break;
    }
    expect(await statusesOf(customers, 'createTicket')).toEqual(['accepted', 'accepted', 'accepted']);
    expect(thief.lost).toBe(3);
    const { items } = (await rt.get('/tickets?query=id>0&fields=Subject,Requestor')) as {
      items: { Subject: string; Requestor: { id: string }[] }[];
    };
    expect(items.map(({ Subject }) => Subject)).toEqual(Array(3).fill('Call the new "customer" 👋'));
    expect(items.map(({ Requestor: [person] }) => person?.id).toSorted()).toEqual(
      customers.map(({ stripe }) => String(stripe.email).toLowerCase()).toSorted(),
    );
  });

  it('refuses and adopts as the fake does', async () => {
    const connector = new RequestTrackerConnector();
    const quick = openSession(connector, { baseUrl: rt.url }, { token: rt.token });
    const session: ConnectorSession = {
      ...quick,
      request: (request) => quick.request({ timeoutMs: 20_000, ...request }),
    };
    const fieldsOf = (email: string, fields = {}) => ({ EmailAddress: email, RealName: 'Ada', ...fields });
    const [first, second] = [aRow('upsertPerson'), aRow('upsertPerson')];
    const { email } = first.person;
    const rows = [
      { ...first, fields: fieldsOf(email, { RealName: HOSTILE_NAME }) },
      { ...second, fields: fieldsOf(email) },
      { ...second, fields: fieldsOf(second.person.email, { 'cf.Nope': 'x' }) },
      { ...second, fields: fieldsOf(second.person.email) },
      { ...second, fields: fieldsOf(email) },
    ];
    expect(await connector.deliver(rows, session)).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'email_of_another_person' },
      { result: 'rejected', code: 'field_not_written', detail: 'cf.Nope' },
      { result: 'accepted' },
      { result: 'rejected', code: 'email_of_another_person' },
    ]);
    const requestor = aTicket();
    await idOf(connector, requestor, session);
    const adopted = {
      ...aRow('upsertPerson'),
      person: requestor.person,
      fields: fieldsOf(requestor.person.email),
    };
    expect(await deliverOne(connector, adopted, session)).toMatchObject({ result: 'accepted' });
    const stranger = openSession(connector, { baseUrl: rt.url, customerField: 'None' }, { token: rt.token });
    expect(await connector.readBack([first], { ...session, settings: stranger.settings })).toEqual([null]);
    expect(await connector.search(aTicket(), session)).toBeNull();
  });

  it('is healthy, with nothing missing', async () => {
    expect((await service.admin('connectors/support/health')).body).toMatchObject({
      credential: 'accepted',
      missingFields: [],
    });
  });
});

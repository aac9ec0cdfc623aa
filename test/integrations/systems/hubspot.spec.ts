import { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import { HubSpotConnector } from '../../../src/integrations/systems/hubspot.connector.js';
import { FakeHubSpot } from '../../support/connectors/fake-hubspot.js';
import { aRow, openSession } from '../../support/connectors/open-session.js';

const KEY = 'mingus_customer_id';

/** HubSpot's own client is the witness: it sends what the connector sends, and reads what the fake answers. */
describe('the connector of HubSpot and its official client', () => {
  const connector = new HubSpotConnector();
  let fake: FakeHubSpot;
  let official: Client;

  beforeAll(async () => {
    fake = await new FakeHubSpot().start();
    official = new Client({ accessToken: fake.token, basePath: fake.url });
  });
  afterAll(() => fake.stop());
  beforeEach(() => {
    fake.contacts.clear();
    fake.requests.length = 0;
  });

  const session = () => openSession(connector, { baseUrl: fake.url }, { token: fake.token });

  const requestsTo = (path: RegExp) =>
    fake.received(path).map((request) => ({
      call: `${request.method} ${request.path}`,
      query: request.query.get('idProperty'),
      authorization: request.headers.authorization,
      body: request.body as unknown,
    }));

  /** Both send the same request. */
  function expectTwins(path: RegExp): void {
    const [ours, theirs] = requestsTo(path);
    expect(ours).toBeDefined();
    expect(theirs).toEqual(ours);
  }

  const aPerson = (fields: OutgoingRow['fields'] = {}) => {
    const row = aRow('upsertPerson');
    return { ...row, fields: { email: row.person.email, ...fields } };
  };

  it('upsert the same batch, and read the same contacts and errors from its answer', async () => {
    const [good, bad] = [aPerson(), aPerson({ email: 'nonsense' })];
    const results = await connector.deliver([good, bad], session());
    const inputs = [good, bad].map(({ deliveryId, person, fields }) => ({
      id: person.customerId,
      idProperty: KEY,
      objectWriteTraceId: deliveryId,
      properties: { ...(fields as Record<string, string>), [KEY]: person.customerId },
    }));
    const answer = await official.crm.contacts.batchApi.upsert({ inputs });
    expectTwins(/batch\/upsert$/);
    const contact = fake.byKey(good.person.customerId);
    expect(results).toMatchObject([
      { result: 'accepted', foreignId: contact?.id },
      { result: 'rejected', code: 'invalid_email' },
    ]);
    expect(answer.results).toMatchObject([{ id: contact?.id }]);
    expect('errors' in answer && answer.errors).toMatchObject([
      { category: 'INVALID_EMAIL', context: { objectWriteTraceId: [bad.deliveryId] } },
    ]);
  });

  it('read the same contacts back', async () => {
    const row = aPerson({ firstname: 'Ada' });
    await connector.deliver([row], session());
    const [fields] = await connector.readBack([row], session());
    const [{ body } = { body: null }] = requestsTo(/batch\/read$/);
    const { properties, inputs } = body as { properties: string[]; inputs: { id: string }[] };
    const read = { inputs, idProperty: KEY, properties, propertiesWithHistory: [] };
    const answer = await official.crm.contacts.batchApi.read(read);
    expect(fields).toMatchObject({ firstname: 'Ada' });
    expect(answer.results).toMatchObject([{ properties: fields }]);
  });

  it('create the same task', async () => {
    const person = aPerson();
    await connector.deliver([person], session());
    const dueAt = '2027-01-15T08:00:00.000Z';
    const task = { ...aRow('createTask', { person: person.person }), fields: { title: 'Call', dueAt } };
    const [result] = await connector.deliver([task], session());
    const id = fake.byKey(person.person.customerId)?.id ?? '';
    const types = [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 204 }];
    const created = await official.crm.objects.tasks.basicApi.create({
      properties: {
        hs_task_subject: 'Call',
        hs_task_body: '',
        hs_task_status: 'NOT_STARTED',
        hs_timestamp: dueAt,
      },
      associations: [{ to: { id }, types }],
    });
    expectTwins(/objects\/tasks$/);
    expect(result).toMatchObject({ result: 'accepted' });
    expect(fake.tasks.has(created.id)).toBe(true);
  });

  it('adopt a contact by the same change, and delete it for good by the same request', async () => {
    const row = aPerson();
    fake.contacts.set('9', { id: '9', properties: { email: row.person.email } });
    await connector.deliver([row], session());
    const changed = await official.crm.contacts.basicApi.update('9', {
      properties: { [KEY]: row.person.customerId },
    });
    expectTwins(/contacts\/9$/);
    expect(changed.properties[KEY]).toBe(row.person.customerId);
    const { customerId, stripeCustomerId } = row.person;
    const erased = { customerId, stripeCustomerId, foreignIds: ['9'], created: [] };
    expect(await connector.erase(erased, session())).toEqual({ receipt: 'accepted' });
    await official.crm.contacts.basicApi.purge({ objectId: '9' });
    expectTwins(/gdpr-delete$/);
  });

  it('know the account by the id of its portal', async () => {
    expect(await connector.health(session())).toMatchObject({
      credential: 'accepted',
      account: String(fake.portalId),
    });
    const answer = await official.apiRequest({ method: 'GET', path: '/account-info/v3/details' });
    expect(await answer.json()).toMatchObject({ portalId: fake.portalId });
  });
});

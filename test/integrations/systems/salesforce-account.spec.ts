import { Connection } from '@jsforce/jsforce-node/lib/core.js';
import '@jsforce/jsforce-node/lib/api/soap.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorSession, OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import { FakeSalesforce } from '../../support/connectors/fake-salesforce.js';
import { aRow } from '../../support/connectors/open-session.js';
import {
  aPerson,
  aTask,
  connector,
  KEY,
  sessionWith,
} from '../../support/connectors/salesforce/salesforce-session.js';

describe('Salesforce, besides contacts,', () => {
  let salesforce: FakeSalesforce;
  let session: ConnectorSession;

  beforeEach(async () => {
    salesforce = await new FakeSalesforce().start();
    session = sessionWith(salesforce);
  });
  afterEach(() => salesforce.stop());

  const deliver = (...rows: OutgoingRow[]) => connector.deliver(rows, session);
  const tokenRequests = () => salesforce.received(/oauth2\/token$/);

  describe('gives tokens', () => {
    it('that are used by all batches of a credential until they end', async () => {
      const row = aPerson('ada@example.com');
      await deliver(row);
      await deliver(row);
      expect(tokenRequests()).toHaveLength(1);
      salesforce.endSessions();
      expect(await deliver(row)).toMatchObject([{ result: 'accepted' }]);
      expect(tokenRequests()).toHaveLength(2);
    });

    it('to the right secret only, although there is a token of another one', async () => {
      await deliver(aPerson('ada@example.com'));
      session = sessionWith(salesforce, 'old-secret');
      expect(await deliver(aPerson('grace@example.com'))).toEqual([
        { result: 'auth', code: 'invalid_client' },
      ]);
      expect(await connector.health(session)).toMatchObject({ credential: 'refused', account: null });
      expect(salesforce.all('Contact')).toHaveLength(1);
    });

    it('that it may refuse for good', async () => {
      const body = [
        { errorCode: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' },
      ];
      await deliver(aPerson('ada@example.com'));
      const refused = { answer: { status: 401, body } };
      salesforce.failNext(refused, { answer: { status: 200, body: { access_token: 'x' } } }, refused);
      expect(await deliver(aPerson('grace@example.com'))).toEqual([
        { result: 'auth', code: 'invalid_session_id' },
      ]);
    });

    it.each([
      ['a page of another host', { status: 200, body: '<html>' }, 'auth'],
      ['a redirect', { status: 302, headers: { location: '/login' } }, 'auth'],
      ['no service', { status: 503, headers: { 'retry-after': '5' } }, 'retry'],
    ])('or %s', async (_what, answer, result) => {
      salesforce.failAlways({ answer });
      expect(await deliver(aPerson('ada@example.com'))).toMatchObject([{ result }]);
    });
  });

  describe('limits', () => {
    it('the calls of a day, with 403', async () => {
      await deliver(aPerson('ada@example.com'));
      salesforce.limit.used = salesforce.limit.max;
      expect(await deliver(aPerson('grace@example.com'))).toEqual([
        { result: 'quota', code: 'request_limit_exceeded' },
      ]);
    });

    it.each([
      ['api-usage=15000/15000', 300],
      ['api-usage=14999/15000; api-bursts=1/750', null],
      [undefined, null],
    ])('as its header says: %s', (header, seconds) => {
      const now = new Date();
      const free = connector.describe().rate.freeAgainAt?.({ 'sforce-limit-info': header }, now) ?? null;
      expect(free && (free.getTime() - now.getTime()) / 1000).toBe(seconds);
    });

    it('requests at its edge, with Retry-After', async () => {
      salesforce.failAlways({ answer: { status: 429, headers: { 'retry-after': '40' } } });
      const [result] = await deliver(aPerson('ada@example.com'));
      expect(result).toMatchObject({ result: 'quota', code: 'http_429' });
      expect((result as { at: Date }).at.getTime()).toBeGreaterThan(Date.now() + 30_000);
    });
  });

  describe('gets tasks', () => {
    it('about a contact, also if it is found by our id or address only', async () => {
      const person = aPerson('ada@example.com');
      await deliver(person);
      const contact = salesforce.byKey(person.person.customerId);
      const fields = {
        title: 'Call',
        body: 'Trial ends',
        dueAt: '2027-01-15T23:00:00.000Z',
        Priority: 'High',
        secret: 'x',
      };
      const other = salesforce.add({ Email: 'grace@example.com', LastName: 'Hopper' });
      const tasks = [
        aTask(person, fields, contact?.Id),
        aTask(person, { title: 'Again' }),
        aTask(aPerson('grace@example.com'), { title: 'By address' }),
      ];
      const results = await deliver(...tasks);
      const stored = tasks.map(({ deliveryId }) => salesforce.byKey(deliveryId, 'Task'));
      expect(results).toEqual(stored.map((task) => ({ result: 'accepted', foreignId: task?.Id })));
      expect(stored).toMatchObject([
        {
          Subject: 'Call',
          Description: 'Trial ends',
          ActivityDate: '2027-01-15',
          Priority: 'High',
          WhoId: contact?.Id,
        },
        { Subject: 'Again', WhoId: contact?.Id },
        { WhoId: other.Id },
      ]);
    });

    it('with long texts cut, and none without a contact or with a time that is none', async () => {
      const contact = salesforce.add({ LastName: 'King' });
      const person = aPerson('ada@example.com');
      const long = aTask(person, { title: '😀'.repeat(10_000), body: '<&>"\''.repeat(10_000) }, contact.Id);
      const results = await deliver(
        long,
        aTask(person, { title: 'x' }),
        aTask(person, { title: 'x', dueAt: 'soon' }, contact.Id),
      );
      expect(results).toMatchObject([
        { result: 'accepted' },
        { result: 'rejected', code: 'contact_missing' },
        { result: 'rejected', code: 'due_at_invalid' },
      ]);
      expect(salesforce.byKey(long.deliveryId, 'Task')?.Subject).toHaveLength(254);
    });

    it('once: one that it created in silence is found', async () => {
      const contact = salesforce.add({ LastName: 'King' });
      const task = aTask(aPerson('ada@example.com'), { title: 'Call' }, contact.Id);
      expect(await connector.search(task, session)).toBeNull();
      salesforce.failNext({ act: 'silence', after: true });
      await expect(deliver(task)).rejects.toMatchObject({ mayHaveArrived: true });
      expect(await connector.search(task, session)).toBe(salesforce.byKey(task.deliveryId, 'Task')?.Id);
    });
  });

  describe('loses a person', () => {
    it('with all ids, with the tasks, and from the recycle bin', async () => {
      const row = aPerson('ada@example.com');
      await deliver(row);
      const contact = salesforce.byKey(row.person.customerId);
      const earlier = salesforce.add({ LastName: 'Merged' });
      const task = aTask(row, { title: 'Call Ada' }, contact?.Id);
      const [created] = await deliver(task);
      const foreignId = (created as { foreignId: string }).foreignId;
      const { customerId, stripeCustomerId } = row.person;
      const person = {
        customerId,
        stripeCustomerId,
        foreignIds: [earlier.Id],
        created: [{ kind: 'createTask' as const, foreignId }],
      };
      salesforce.endSessions();
      expect(await connector.erase(person, session)).toEqual({ receipt: 'confirmed' });
      expect(salesforce.gone).toEqual([foreignId, earlier.Id, contact?.Id]);
      expect(salesforce.records.size).toBe(0);
      // A second attempt finds records that are gone.
      expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    });

    it('that people had deleted, still in the recycle bin', async () => {
      const contact = salesforce.add({ LastName: 'King', [KEY]: 'gone' });
      contact.IsDeleted = true;
      const person = { customerId: 'gone', stripeCustomerId: 'cus_1', foreignIds: [], created: [] };
      expect(await connector.erase(person, session)).toEqual({ receipt: 'confirmed' });
      expect(salesforce.gone).toEqual([contact.Id]);
    });

    it.each([
      ['API_DISABLED_FOR_ORG', 'accepted'],
      ['INVALID_SESSION_ID', 'confirmed'],
    ])('later, if only the recycle bin cannot be emptied: %s', async (code, receipt) => {
      const { Id } = salesforce.add({ LastName: 'King', [KEY]: 'a' });
      const person = { customerId: 'a', stripeCustomerId: 'cus_1', foreignIds: [Id], created: [] };
      expect(await connector.search(aRow('createTask'), session)).toBeNull();
      const deleted = { status: 200, body: [{ id: Id, success: true, errors: [] }] };
      const fault = { status: 500, body: `<faultcode>sf:${code}</faultcode>` };
      salesforce.failNext(
        { answer: { status: 200, body: { records: [] } } },
        { answer: deleted, after: true },
        { answer: fault },
      );
      expect(await connector.erase(person, session)).toEqual({ receipt });
    });

    it('that it does not know, without a request to delete', async () => {
      const person = { customerId: 'unknown', stripeCustomerId: 'cus_1', foreignIds: [], created: [] };
      expect(await connector.erase(person, session)).toEqual({ receipt: 'confirmed' });
      expect(salesforce.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    });

    it('unless its rules forbid it', async () => {
      salesforce.add({ LastName: 'King', Title: 'has open cases', [KEY]: 'kept' });
      const person = { customerId: 'kept', stripeCustomerId: 'cus_1', foreignIds: [], created: [] };
      expect(await connector.erase(person, session)).toEqual({ receipt: 'refused', code: 'delete_failed' });
    });
  });

  it('says how it is', async () => {
    expect(await connector.health(session)).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: [],
      quota: { limit: 15_000, remaining: 14_982, resetsAt: null },
      account: salesforce.organization,
    });
    Object.assign(salesforce, { contactKey: 'plain', taskHasKey: false });
    expect(await connector.health(session)).toMatchObject({
      missingFields: [
        expect.stringMatching(/^Contact.MINGUS_Id__c/),
        expect.stringMatching(/^Activity.MINGUS_Id__c/),
      ],
    });
    // Without its fields, Salesforce gets nothing, and no row is blamed for it.
    const task = aTask(
      aPerson('ada@example.com'),
      { title: 'Call' },
      salesforce.add({ LastName: 'King' }).Id,
    );
    expect(await deliver(task)).toEqual([{ result: 'auth', code: 'invalid_field' }]);
    salesforce.contactKey = 'missing';
    expect(await deliver(aPerson('ada@example.com'))).toEqual([{ result: 'auth', code: 'invalid_field' }]);
  });

  it.each(['upsertPerson', 'createTask'] as const)('is sent what was planned: %s', async (kind) => {
    const contact = salesforce.add({ LastName: 'King', [KEY]: 'c' });
    const row = { ...aPerson('ada@example.com'), kind };
    const known = kind === 'createTask' ? { ...row, foreignId: contact.Id, fields: { title: 'Call' } } : row;
    const plan = connector.plan(known, { ...session, secret: (name) => `<${name}>` });
    await deliver(known);
    const { method, path, body, headers } = salesforce.requests.at(-1) ?? {};
    expect({ method, url: `${salesforce.url}${path}`, body }).toEqual({
      method: plan.method,
      url: plan.url,
      body: plan.body,
    });
    expect(headers).toMatchObject({ ...plan.headers, authorization: expect.stringMatching(/^Bearer 00D/) });
    expect(plan.headers.authorization).toBe('Bearer <access token>');
  });

  it('is accepted by jsforce: token, collections, errors, query, deletion, recycle bin, limits', async () => {
    const connection = new Connection({
      oauth2: {
        loginUrl: salesforce.url,
        clientId: salesforce.clientId,
        clientSecret: salesforce.clientSecret,
      },
      instanceUrl: salesforce.url,
      version: '62.0',
    });
    await connection.authorize({ grant_type: 'client_credentials' });
    expect(connection.userInfo?.organizationId).toBe(salesforce.organization);
    const saved = await connection.upsert('Contact', [{ LastName: 'King', [KEY]: 'a' }, { [KEY]: 'b' }], KEY);
    expect(saved).toMatchObject([
      { success: true, created: true },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ]);
    const changed = [{ Id: String(saved[0]?.id), Phone: '1' }];
    expect(await connection.update('Contact', changed)).toMatchObject([{ success: true }]);
    expect(await connection.create('Task', [{ Subject: 'Call' }])).toMatchObject([{ success: true }]);
    const { records } = await connection.query(`SELECT Id, LastName FROM Contact WHERE ${KEY} = 'a'`);
    expect(records).toMatchObject([{ Id: saved[0]?.id, LastName: 'King' }]);
    await expect(connection.query(`SELECT Nope FROM Contact WHERE ${KEY} = 'a'`)).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    const id = String(saved[0]?.id);
    expect(await connection.destroy('Contact', [id])).toMatchObject([{ id, success: true }]);
    expect(await connection.soap.emptyRecycleBin([id])).toMatchObject([{ id, success: true }]);
    expect(connection.limitInfo.apiUsage).toEqual({ used: 18, limit: 15_000 });
    salesforce.endSessions();
    // It sees that the session is over, and has no refresh token: the flow gives none.
    await expect(connection.soap.emptyRecycleBin([id])).rejects.toThrow(/^Unable to refresh session/);
  });
});

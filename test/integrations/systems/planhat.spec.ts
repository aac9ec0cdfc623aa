import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BatchRefused,
  type ConnectorSession,
  type OutgoingRow,
} from '../../../src/integrations/connectors/connector.js';
import { PlanhatConnector } from '../../../src/integrations/systems/planhat.connector.js';
import { FakePlanhat } from '../../support/connectors/fake-planhat.js';
import {
  aRow,
  aRowAbout,
  deliverOne,
  openSession,
  withEmail,
} from '../../support/connectors/open-session.js';

describe('Planhat', () => {
  const connector = new PlanhatConnector();
  let fake: FakePlanhat;
  let session: ConnectorSession;

  beforeAll(async () => {
    fake = await new FakePlanhat().start();
    session = open();
  });
  afterAll(() => fake.stop());
  afterEach(() => {
    fake.failAlways(null);
    fake.requests.length = 0;
  });

  const open = (secrets: Record<string, string> = {}) =>
    openSession(
      connector,
      { baseUrl: fake.url, analyticsUrl: fake.url },
      { token: fake.token, tenantToken: fake.tenantToken, ...secrets },
    );
  const upsert = (changes: Partial<OutgoingRow> = {}) => {
    const row = aRow('upsertPerson', changes);
    const names = { firstName: 'Ada', lastName: 'Lovelace', 'company.name': 'Ada Lovelace' };
    const stage = { 'company.custom.Lifecycle stage': 'trialing', 'custom.Plan': 'gold' };
    return { ...row, fields: { email: row.person.email, ...names, ...stage, ...row.fields } };
  };
  const sendOne = (row: OutgoingRow) => deliverOne(connector, row, session);
  const known = async () => {
    const row = upsert();
    const foreignId = `extid-${row.person.customerId}`;
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId });
    return { ...row, foreignId };
  };
  const adopted = async () => {
    const company = fake.add('companies', { name: 'Acme', externalId: 'acme' });
    const email = `added-${company.id}@example.com`;
    const contact = fake.add('endusers', { email, firstName: 'Augusta', companyId: company.id });
    const row = withEmail(upsert(), email);
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId: contact.id });
    return { company, contact, row: { ...row, foreignId: contact.id } };
  };

  it('gets companies and contacts of new persons in bulk, by our id', async () => {
    const rows = [upsert(), upsert()];
    expect(await connector.deliver(rows, session)).toEqual(
      rows.map(({ person }) => ({ result: 'accepted', foreignId: `extid-${person.customerId}` })),
    );
    for (const { person } of rows) {
      const company = fake.company(person.customerId);
      expect(company).toMatchObject({ name: 'Ada Lovelace', custom: { 'Lifecycle stage': 'trialing' } });
      expect(fake.contact(person.customerId)).toMatchObject({
        email: person.email,
        firstName: 'Ada',
        companyId: company?.id,
        custom: { Plan: 'gold' },
      });
    }
    expect(fake.requests.filter(({ method }) => method === 'PUT')).toHaveLength(2);
  });

  it('changes them, and leaves a contact in the company that people moved it to', async () => {
    const row = await known();
    const contact = fake.contact(row.person.customerId);
    const moved = fake.add('companies', { name: 'Acme' });
    Object.assign(contact ?? {}, { companyId: moved.id });
    const fields = { email: 'ada.king@example.com', 'company.custom.Lifecycle stage': 'active' };
    fake.requests.length = 0;
    expect(await sendOne({ ...row, fields })).toMatchObject({ result: 'accepted' });
    expect(contact).toMatchObject({ email: 'ada.king@example.com', companyId: moved.id });
    expect(fake.company(row.person.customerId)?.custom).toMatchObject({ 'Lifecycle stage': 'active' });
    expect(fake.requests).toHaveLength(2);
    expect(await sendOne({ ...row, fields })).toMatchObject({ result: 'accepted' });
    expect(await connector.readBack([row], session)).toMatchObject([
      { firstName: 'Ada', 'custom.Plan': 'gold', 'company.custom.Lifecycle stage': 'active' },
    ]);
  });

  it('adopts a contact that people added, with what they wrote and their company', async () => {
    const { company, contact, row } = await adopted();
    expect(contact).toMatchObject({
      externalId: row.person.customerId,
      firstName: 'Augusta',
      lastName: 'Lovelace',
      companyId: company.id,
    });
    expect(await sendOne({ ...row, fields: { 'company.custom.Lifecycle stage': 'active' } })).toMatchObject({
      result: 'accepted',
    });
    expect([company.name, company.custom]).toEqual(['Acme', {}]);
    expect(fake.company(row.person.customerId)).toBeUndefined();
  });

  it('leaves the contact of another customer alone', async () => {
    const owner = await known();
    const other = withEmail(upsert(), owner.person.email);
    expect(await sendOne(other)).toEqual({ result: 'rejected', code: 'email_of_another_person' });
    expect(fake.company(other.person.customerId)).toBeUndefined();
  });

  it('finds the refused row of a batch, whose error names no row', async () => {
    const first = await known();
    const taken = { ...(await known()), fields: { email: first.person.email } };
    const rows = [upsert(), withEmail(upsert(), 'no address'), taken, upsert()];
    const results = await connector.deliver(rows, session);
    expect(results).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'refused', detail: 'no address is no valid email' },
      { result: 'rejected', code: 'refused', detail: 'email <address> duplicated' },
      { result: 'accepted' },
    ]);
    expect(await sendOne(rows[1] as OutgoingRow)).toMatchObject({ result: 'rejected', code: 'refused' });
  });

  it('hands a refused batch back, so that the row is found', async () => {
    const rows = [await known(), await known()];
    fake.failAlways({ answer: { status: 400, body: { message: 'Malformed' } } });
    await expect(connector.deliver(rows, session)).rejects.toMatchObject({ code: 'http_400' });
    await expect(connector.deliver(rows, session)).rejects.toBeInstanceOf(BatchRefused);
  });

  it('makes again what was deleted in Planhat', async () => {
    const row = await known();
    const { customerId } = row.person;
    for (const records of Object.values(fake.records)) records.clear();
    const fields = { email: row.person.email, 'company.custom.Lifecycle stage': 'active' };
    expect(await sendOne({ ...row, fields })).toEqual({ result: 'accepted', foreignId: row.foreignId });
    expect(fake.contact(customerId)?.companyId).toBe(fake.company(customerId)?.id);
  });

  it('notices a success that wrote nothing', async () => {
    const row = { ...(await known()), fields: { firstName: 'A' } };
    fake.failNext({ answer: { status: 200, body: { created: 0, updated: 0, nonupdates: 0 } } });
    expect(await sendOne(row)).toEqual({ result: 'unknown', code: 'not_in_answer' });
  });

  it('pauses for a refused token, missing rights and a used-up rate', async () => {
    const wrong = open({ token: 'wrong' });
    expect(await connector.deliver([upsert()], wrong)).toEqual([{ result: 'auth', code: 'http_401' }]);
    await expect(connector.readBack([upsert()], wrong)).rejects.toMatchObject({
      result: { result: 'auth', code: 'http_401' },
    });
    expect(await connector.health(wrong)).toMatchObject({ credential: 'refused', missingFields: [] });
    const row = await known();
    fake.failAlways({ answer: { status: 403, body: { permissionErrors: [{}] } } });
    expect(await sendOne(row)).toEqual({ result: 'auth', code: 'http_403' });
    fake.requests.length = 0;
    fake.failAlways({ answer: { status: 429, headers: { 'retry-after': '7' } } });
    expect(await connector.deliver([upsert(), upsert()], session)).toMatchObject([
      { result: 'quota', code: 'http_429', at: expect.any(Date) },
      { result: 'quota' },
    ]);
    expect(fake.requests).toHaveLength(1);
    await expect(connector.readBack([row], session)).rejects.toMatchObject({
      result: { result: 'quota', at: expect.any(Date) },
    });
  });

  it('makes a person once when the answer is lost', async () => {
    const row = upsert();
    fake.failNext({ act: 'silence' });
    expect(await sendOne(row)).toMatchObject({ result: 'unknown' });
    await sendOne(row);
    await sendOne(row);
    const found = [...fake.records.endusers.values()].filter(({ email }) => email === row.person.email);
    expect(found).toHaveLength(1);
  });

  it('creates a task once, for our company or that of the contact', async () => {
    const fields = {
      title: 'Call “Ada”',
      body: '<b>why</b>\nnow',
      dueAt: '2026-12-01T09:00:00Z',
      secretField: 'x',
    };
    const own = await known();
    const theirs = await adopted();
    for (const [person, companyId] of [
      [own, fake.company(own.person.customerId)?.id],
      [theirs.row, theirs.company.id],
    ] as const) {
      const row = aRowAbout(person, { fields });
      const accepted = { result: 'accepted', foreignId: `srcid-${row.deliveryId}` };
      expect([await sendOne(row), await sendOne(row)]).toEqual([accepted, accepted]);
      const tasks = [...fake.records.tasks.values()].filter(({ sourceId }) => sourceId === row.deliveryId);
      expect(tasks).toMatchObject([
        {
          companyId,
          action: 'Call “Ada”',
          description: '&#60;b&#62;why&#60;/b&#62;<br>now',
          startTime: '2026-12-01T09:00:00Z',
        },
      ]);
      expect(tasks[0]).not.toHaveProperty('secretField');
    }
    const unknown = aRow('createTask', { fields });
    expect(await sendOne(unknown)).toMatchObject({ result: 'rejected', detail: 'company not found' });
    expect(await sendOne({ ...unknown, foreignId: 'f'.repeat(24) })).toEqual({
      result: 'rejected',
      code: 'not_a_contact',
    });
  });

  it('sends events as activities, which are held when their outcome is unknown', async () => {
    const data = { from: 'trialing', to: 'active' };
    const occurredAt = new Date('2026-11-30T10:00:00Z');
    const event = { type: 'customer.stage_changed', data, sequence: 2, occurredAt } as const;
    const row = aRowAbout(await known(), { kind: 'trackEvent', event });
    expect(await sendOne(row)).toEqual({ result: 'accepted' });
    expect(fake.activities).toEqual([
      {
        externalId: row.person.customerId,
        action: 'customer.stage_changed',
        info: data,
        date: '2026-11-30T10:00:00.000Z',
      },
    ]);
    expect(connector.describe().repeatable).not.toContain('trackEvent');
    const [result] = await connector.deliver([row], open({ tenantToken: '' }));
    expect(result).toEqual({ result: 'rejected', code: 'tenant_token_missing' });
  });

  it('erases contact, company and tasks by the ids of Planhat', async () => {
    const row = await known();
    const { customerId } = row.person;
    const task = await sendOne(aRowAbout(row, { fields: { title: 'Call', body: 'Ada is angry' } }));
    const created = [{ kind: 'createTask', foreignId: (task as { foreignId: string }).foreignId }] as const;
    const person = { ...row.person, foreignIds: [row.foreignId], created };
    expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    expect([fake.contact(customerId), fake.company(customerId)]).toEqual([undefined, undefined]);
    expect(JSON.stringify([...fake.records.tasks.values()])).not.toContain('Ada is angry');
    expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    const theirs = await adopted();
    await connector.erase({ ...theirs.row.person, foreignIds: [theirs.contact.id], created: [] }, session);
    expect(fake.records.endusers.has(theirs.contact.id)).toBe(false);
    expect(fake.records.companies.has(theirs.company.id)).toBe(true);
    fake.failAlways({ answer: { status: 401 } });
    expect(await connector.erase(person, session)).toMatchObject({ result: 'auth' });
  });

  it('says how it is, and which custom fields it lacks', async () => {
    const limits = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150' };
    fake.failNext({ answer: { status: 200, headers: limits, body: fake.customFields.slice(1) } });
    expect(await connector.health(session)).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: ['company.custom.Lifecycle stage'],
      quota: { limit: 200, remaining: 150, resetsAt: null },
      account: null,
    });
    expect((await connector.health(session)).missingFields).toEqual([]);
  });

  it('plans what it sends, with secrets masked', async () => {
    const masked = { settings: session.settings, secret: (name: string) => `<${name}>` };
    const person = await known();
    const event = { type: 'payment.failed', data: {}, sequence: 1, occurredAt: new Date() } as const;
    for (const row of [
      upsert(),
      person,
      aRowAbout(person, { fields: { title: 'Call' } }),
      aRowAbout(person, { kind: 'trackEvent', event }),
    ]) {
      await sendOne(row);
      const { headers, ...planned } = connector.plan(row, masked);
      const { method, path, body } = fake.requests.at(-1) ?? {};
      expect(JSON.stringify({ planned, headers })).not.toMatch(
        new RegExp(`${fake.token}|${fake.tenantToken}`),
      );
      expect({ ...planned, url: planned.url.replace('<tenantToken>', fake.tenantToken) }).toEqual({
        method,
        url: `${fake.url}${path}`,
        body,
      });
    }
  });

  it('takes any name', async () => {
    const name = `Zoë "Q" <b>'; drop 🎷 ${'x'.repeat(10_000)}`;
    const row = upsert({ fields: { firstName: name } });
    expect(await sendOne(row)).toMatchObject({ result: 'accepted' });
    expect(fake.contact(row.person.customerId)?.firstName).toBe(name);
  });
});

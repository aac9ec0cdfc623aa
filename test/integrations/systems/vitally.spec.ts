import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorSession, OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import { VitallyConnector } from '../../../src/integrations/systems/vitally.connector.js';
import { OutboundFault } from '../../../src/platform/outbound/outbound-http.service.js';
import { FakeVitally } from '../../support/connectors/fake-vitally.js';
import {
  aRow,
  aRowAbout,
  deliverOne,
  openSession,
  withEmail,
} from '../../support/connectors/open-session.js';

describe('Vitally', () => {
  const connector = new VitallyConnector();
  let fake: FakeVitally;
  let session: ConnectorSession;

  beforeAll(async () => {
    fake = await new FakeVitally().start();
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
      { apiKey: fake.apiKey, analyticsToken: fake.analyticsToken, ...secrets },
    );
  const upsert = (changes: Partial<OutgoingRow> = {}) => {
    const row = aRow('upsertPerson', changes);
    const fields = {
      email: row.person.email,
      name: 'Ada',
      'account.name': 'Ada',
      'account.traits.plan': 'gold',
    };
    return { ...row, fields: { ...fields, 'traits.lifecycleStage': 'trialing', ...row.fields } };
  };
  const sendOne = (row: OutgoingRow) => deliverOne(connector, row, session);
  const known = async () => {
    const row = upsert();
    expect(await sendOne(row)).toMatchObject({ result: 'accepted' });
    return { ...row, foreignId: row.person.customerId };
  };

  it('gets a user and an account for a new person, by our id', async () => {
    const row = upsert();
    const { customerId, email } = row.person;
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId: customerId });
    const account = fake.account(customerId);
    expect(account).toMatchObject({ name: 'Ada', traits: { plan: 'gold' } });
    expect(fake.user(customerId)).toMatchObject({
      email,
      accountIds: [account?.id],
      traits: { lifecycleStage: 'trialing', mingusCustomerId: customerId },
    });
  });

  it('changes user and account, and leaves what people added', async () => {
    const row = await known();
    const { customerId } = row.person;
    Object.assign(fake.user(customerId)?.traits ?? {}, { role: 'admin' });
    const fields = { 'traits.lifecycleStage': 'active', 'account.traits.plan': 'silver' };
    expect(await sendOne({ ...row, fields })).toMatchObject({ result: 'accepted' });
    expect(fake.user(customerId)?.traits).toMatchObject({ lifecycleStage: 'active', role: 'admin' });
    expect(fake.account(customerId)?.traits).toEqual({ plan: 'silver' });
    expect(await connector.readBack([row], session)).toMatchObject([
      { name: 'Ada', 'traits.role': 'admin', 'account.name': 'Ada', 'account.traits.plan': 'silver' },
    ]);
  });

  it('adopts a user that people added, and does not write their account', async () => {
    const account = fake.addAccount({ externalId: 'acme-inc' });
    const user = fake.add({ email: 'grace@example.com', externalId: 'u-17', accountIds: [account.id] });
    const row = withEmail(upsert(), 'grace@example.com');
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId: 'u-17' });
    expect(user.traits).toMatchObject({ mingusCustomerId: row.person.customerId });
    expect([account.name, account.traits]).toEqual(['Acme', {}]);
    expect(fake.account(row.person.customerId)).toBeUndefined();
    expect((await connector.readBack([row], session))[0]).not.toHaveProperty(['account.name']);
  });

  it('adopts the one of several users with an address that is not of another customer', async () => {
    const { customerId: taken } = (await known()).person;
    const email = 'twice@example.com';
    fake.add({ email, traits: { mingusCustomerId: taken } });
    const free = fake.add({ email });
    expect(await sendOne(withEmail(upsert(), email))).toEqual({ result: 'accepted', foreignId: free.id });
  });

  it('leaves the user of another customer alone', async () => {
    const owner = await known();
    const other = withEmail(upsert(), owner.person.email);
    expect(await sendOne(other)).toEqual({ result: 'rejected', code: 'email_of_another_person' });
    expect(fake.account(other.person.customerId)).toBeUndefined();
  });

  it('refuses single rows of a batch', async () => {
    const bad = withEmail(upsert(), 'no address');
    const unknown = upsert({ fields: { 'account.ssn': 1 } });
    expect(await connector.deliver([upsert(), bad, unknown, upsert()], session)).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'http_400' },
      { result: 'rejected', code: 'http_400' },
      { result: 'accepted' },
    ]);
  });

  it('pauses for a refused key and a used-up rate', async () => {
    const wrong = open({ apiKey: 'wrong' });
    expect(await connector.deliver([upsert()], wrong)).toEqual([{ result: 'auth', code: 'http_401' }]);
    await expect(connector.readBack([upsert()], wrong)).rejects.toMatchObject({
      result: { result: 'auth', code: 'http_401' },
    });
    expect(await connector.health(wrong)).toMatchObject({ credential: 'refused' });
    fake.requests.length = 0;
    fake.failAlways({ answer: { status: 429, headers: { 'ratelimit-reset': '7' } } });
    expect(await connector.deliver([upsert(), upsert()], session)).toMatchObject([
      { result: 'quota', code: 'http_429', at: expect.any(Date) },
      { result: 'quota' },
    ]);
    await expect(connector.readBack([upsert()], session)).rejects.toMatchObject({
      result: { result: 'quota', at: expect.any(Date) },
    });
    expect(fake.requests).toHaveLength(2);
  });

  it('waits until the window slides on when its headers say so', () => {
    const { freeAgainAt } = connector.describe().rate;
    const now = new Date('2026-11-30T10:00:00Z');
    const headers = (remaining: string) => ({ 'ratelimit-remaining': remaining, 'ratelimit-reset': '42' });
    expect(freeAgainAt?.(headers('0'), now)).toEqual(new Date('2026-11-30T10:00:42Z'));
    expect([freeAgainAt?.(headers('1'), now), freeAgainAt?.({}, now)]).toEqual([null, null]);
  });

  it('notices a success that wrote nothing', async () => {
    const row = await known();
    fake.failNext({ answer: { status: 200, body: { id: 'x', accounts: [] } } });
    fake.failNext({ answer: { status: 200, body: { id: 'x' } } });
    expect(await sendOne(row)).toEqual({ result: 'unknown', code: 'not_in_answer' });
  });

  it('makes a person once, whichever answer is lost', async () => {
    const row = upsert();
    for (let lost = 0; lost < 5; lost += 1) {
      let before = lost;
      const request: ConnectorSession['request'] = async (one) => {
        const response = await session.request(one);
        before -= 1;
        if (before < 0) throw new OutboundFault('ECONNRESET', true, null);
        return response;
      };
      expect(await connector.deliver([row], { ...session, request })).toMatchObject([{ result: 'unknown' }]);
    }
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId: row.person.customerId });
    for (const records of [fake.users, fake.accounts])
      expect(
        [...records.values()].filter(({ externalId }) => externalId === row.person.customerId),
      ).toHaveLength(1);
  });

  describe('events and tasks', () => {
    const event = {
      type: 'payment.failed',
      data: { stripeInvoiceId: 'in_1', currency: 'usd', amountMinor: 1900 },
      sequence: 3,
      occurredAt: new Date('2026-11-30T10:00:00Z'),
    } as const;

    it('counts an event once, also when its answer is lost', async () => {
      const row = aRowAbout(await known(), { kind: 'trackEvent', event });
      expect(await sendOne(row)).toEqual({ result: 'accepted' });
      expect(await sendOne(row)).toEqual({ result: 'accepted' });
      expect(fake.events.get(row.deliveryId)).toMatchObject({
        userId: row.person.customerId,
        event: 'payment.failed',
        properties: { amountMinor: 1900 },
      });
      const found = [...fake.events.values()].filter(({ userId }) => userId === row.person.customerId);
      expect(found).toHaveLength(1);
    });

    it('refuses events without a user, an external id or a token', async () => {
      const stranger = aRow('trackEvent', { event });
      expect(await sendOne(stranger)).toEqual({ result: 'rejected', code: 'not_a_user' });
      const added = fake.add({ email: 'mail@example.com' });
      const row = aRow('trackEvent', { event, foreignId: added.id });
      expect(await sendOne(row)).toEqual({ result: 'rejected', code: 'no_external_id' });
      const [result] = await connector.deliver([stranger], open({ analyticsToken: '' }));
      expect(result).toEqual({ result: 'rejected', code: 'analytics_token_missing' });
    });

    it('creates a task once, with its text as HTML', async () => {
      const person = await known();
      const fields = {
        title: 'Call “Ada”',
        body: '<b>why</b> & when\nnow',
        dueAt: '2026-12-01T09:00:00Z',
        assignedToId: 'admin-1',
        secretField: 'x',
      };
      const row = aRowAbout(person, { fields });
      fake.failNext({ act: 'silence' });
      expect(await sendOne(row)).toEqual({ result: 'unknown', code: 'TIMEOUT' });
      const first = await sendOne(row);
      expect(await sendOne(row)).toEqual(first);
      const tasks = [...fake.tasks.values()].filter(({ externalId }) => externalId === row.deliveryId);
      expect(tasks).toMatchObject([
        {
          accountId: fake.account(person.person.customerId)?.id,
          name: 'Call “Ada”',
          description: '&#60;b&#62;why&#60;/b&#62; &#38; when<br>now',
          dueDate: '2026-12-01T09:00:00Z',
          assignedToId: 'admin-1',
        },
      ]);
      expect(tasks[0]).not.toHaveProperty('secretField');
      expect(await sendOne(aRow('createTask', { fields }))).toEqual({
        result: 'rejected',
        code: 'not_a_user',
      });
    });
  });

  it('erases the user, the account and the texts of tasks', async () => {
    const row = await known();
    const { customerId } = row.person;
    const task = await sendOne(aRowAbout(row, { fields: { title: 'Call Ada', body: 'Ada is angry' } }));
    const { foreignId } = task as { foreignId: string };
    const created = [{ kind: 'createTask', foreignId }] as const;
    const person = { ...row.person, foreignIds: [row.foreignId], created };
    expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    expect([fake.user(customerId), fake.account(customerId)]).toEqual([undefined, undefined]);
    expect(JSON.stringify([...fake.tasks.values()])).not.toContain('Ada is angry');
    expect(fake.tasks.get(foreignId)?.archivedAt).not.toBeNull();
    const unknown = { ...upsert().person, foreignIds: [], created: [] };
    expect(await connector.erase(unknown, session)).toEqual({ receipt: 'accepted' });
    fake.failAlways({ answer: { status: 401 } });
    expect(await connector.erase(person, session)).toMatchObject({ result: 'auth' });
  });

  it('says how it is', async () => {
    expect(await connector.health(session)).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: [],
      quota: { limit: 1000, remaining: 999, resetsAt: expect.any(Date) },
      account: null,
    });
  });

  it('plans what it sends, with secrets masked', async () => {
    const masked = { settings: session.settings, secret: (name: string) => `<${name}>` };
    const person = await known();
    const account = fake.account(person.person.customerId)?.id ?? '';
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
      const created = fake.account(row.person.customerId)?.id ?? account;
      const named = JSON.parse(JSON.stringify(planned).replace('<id of the account>', created)) as object;
      expect(named).toEqual({ method, url: `${fake.url}${path}`, body });
      expect(JSON.stringify(headers)).not.toContain(fake.apiKey);
    }
  });

  it('takes any name', async () => {
    const name = `Zoë "Q" <b>'; drop 🎷 ${'x'.repeat(10_000)}`;
    const row = upsert({ fields: { name } });
    expect(await sendOne(row)).toMatchObject({ result: 'accepted' });
    expect(fake.user(row.person.customerId)?.name).toBe(name);
  });
});

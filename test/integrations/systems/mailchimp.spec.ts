import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorSession, OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import { MailchimpConnector } from '../../../src/integrations/systems/mailchimp.connector.js';
import { uuidv7 } from '../../../src/platform/database/uuid.js';
import { FakeMailchimp } from '../../support/connectors/fake-mailchimp.js';
import { aRow, openSession } from '../../support/connectors/open-session.js';

describe('Mailchimp', () => {
  const connector = new MailchimpConnector();
  let fake: FakeMailchimp;
  let session: ConnectorSession;

  beforeAll(async () => {
    fake = await new FakeMailchimp().start();
    session = open();
  });
  afterAll(() => fake.stop());
  afterEach(() => {
    fake.failAlways(null);
    fake.requests.length = 0;
  });

  const open = (settings: Record<string, string> = {}) =>
    openSession(
      connector,
      { baseUrl: `${fake.url}/3.0`, audienceId: fake.audienceId, ...settings },
      { apiKey: fake.apiKey },
    );
  const upsert = (fields: OutgoingRow['fields'] = {}, changes: Partial<OutgoingRow> = {}) =>
    aRow('upsertPerson', { fields: { FNAME: 'Ada', ...fields }, ...changes });
  const withEmail = (row: OutgoingRow, email: string): OutgoingRow => ({
    ...row,
    person: { ...row.person, email },
  });
  const sendOne = async (row: OutgoingRow) => (await connector.deliver([row], session))[0];
  const written = () => fake.requests.filter(({ method }) => method !== 'GET');
  /** A person that the audience has got from us. */
  const known = async (email = `${uuidv7().slice(-12)}@example.com`) => {
    const row = withEmail(upsert({ tags: 'trialists' }), email);
    const result = await sendOne(row);
    expect(result).toMatchObject({ result: 'accepted' });
    return { ...row, foreignId: (result as { foreignId: string }).foreignId };
  };

  it('adds a new person with the status of new members, our id and tags', async () => {
    const row = upsert({ STAGE: 'trialing', tags: 'trialists;big spenders' });
    const result = await sendOne(row);
    const member = fake.byEmail(row.person.email);
    expect(result).toEqual({ result: 'accepted', foreignId: member?.contact_id });
    expect(member).toMatchObject({
      status: 'transactional',
      merge_fields: { FNAME: 'Ada', STAGE: 'trialing', MINGUSID: row.person.customerId },
      tags: [{ name: 'mingus: trialists' }, { name: 'mingus: big spenders' }],
    });
  });

  it('changes fields and its own tags, and leaves status and tags of people alone', async () => {
    const row = await known();
    const member = fake.byEmail(row.person.email);
    member?.tags.push({ id: 900, name: 'VIP' });
    Object.assign(member ?? {}, { status: 'unsubscribed' });
    await sendOne({ ...row, fields: { STAGE: 'active', tags: 'payers' } });
    expect(member).toMatchObject({ status: 'unsubscribed', merge_fields: { FNAME: 'Ada', STAGE: 'active' } });
    expect(member?.tags.map(({ name }) => name).toSorted()).toEqual(['VIP', 'mingus: payers']);
    expect(written().some(({ body }) => body && 'status' in body)).toBe(false);
  });

  it('renames the member of a person with a new address, and makes no second one', async () => {
    const row = withEmail(await known('old@example.com'), 'New@Example.com');
    const before = fake.members.size;
    const result = await sendOne({ ...row, fields: { ...row.fields, email_address: 'New@Example.com' } });
    expect(result).toEqual({ result: 'accepted', foreignId: row.foreignId });
    expect(fake.byEmail('new@example.com')?.contact_id).toBe(row.foreignId);
    expect([fake.members.size, fake.byEmail('old@example.com')]).toEqual([before, undefined]);
    const again = await sendOne(row);
    expect(again).toEqual(result);
    expect(fake.members.size).toBe(before);
  });

  it('refuses to merge two members visibly, without naming the address', async () => {
    fake.add('second@example.com');
    const result = await sendOne(withEmail(await known(), 'second@example.com'));
    expect(result).toMatchObject({ result: 'rejected', code: 'member_exists' });
    expect(JSON.stringify(result)).not.toContain('second@');
  });

  it('adopts a member that people added, and subscribes no one again', async () => {
    const member = fake.add('signup@example.com', { status: 'unsubscribed' });
    const row = withEmail(upsert(), 'SignUp@example.com');
    expect(await connector.readBack([row], session)).toMatchObject([{ FNAME: '', tags: '' }]);
    expect(await sendOne(row)).toEqual({ result: 'accepted', foreignId: member.contact_id });
    expect(member).toMatchObject({
      status: 'unsubscribed',
      merge_fields: { MINGUSID: row.person.customerId },
    });
  });

  it('leaves the member of another customer alone', async () => {
    const owner = await known();
    const other = withEmail(upsert({ FNAME: 'Mallory' }), owner.person.email);
    expect(await sendOne(other)).toEqual({ result: 'rejected', code: 'email_of_another_person' });
    expect(fake.byEmail(owner.person.email)?.merge_fields.FNAME).toBe('Ada');
  });

  it('refuses single rows for what Mailchimp says of them', async () => {
    const rows = [
      upsert(),
      withEmail(upsert(), 'no address'),
      withEmail(upsert(), 'eager@example.com'),
      withEmail(upsert({ email_address: 'billing@example.com' }), 'ada@example.com'),
      upsert(),
    ];
    expect(await connector.deliver(rows, session)).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'invalid_resource', detail: 'Please provide a valid email address.' },
      {
        result: 'rejected',
        code: 'invalid_resource',
        detail: expect.stringMatching(/^<address> has signed/),
      },
      { result: 'rejected', code: 'address_is_not_the_customers' },
      { result: 'accepted' },
    ]);
  });

  it('pauses when the audience lacks a merge field, which Mailchimp would leave out silently', async () => {
    expect(await sendOne(upsert({ PLAN: 'gold' }))).toEqual({ result: 'auth', code: 'merge_field_missing' });
    fake.mergeTags.delete('MINGUSID');
    expect(await sendOne(upsert())).toEqual({ result: 'auth', code: 'merge_field_missing' });
    expect((await connector.health(session)).missingFields).toEqual(['MINGUSID']);
    fake.mergeTags.add('MINGUSID');
  });

  it('reads a page with 403 as too many connections, and a problem with 403 as a refused key', async () => {
    const page = { status: 403, headers: { 'content-type': 'text/html' } };
    fake.failAlways({ answer: page });
    const rows = [upsert(), upsert()];
    const throttled = { result: 'quota', code: 'http_403', at: null };
    expect(await connector.deliver(rows, session)).toEqual([throttled, throttled]);
    expect(fake.requests).toHaveLength(1);
    await expect(connector.readBack(rows, session)).rejects.toMatchObject({ result: throttled });
    fake.failAlways({ answer: { status: 403, body: { title: 'Forbidden', status: 403 } } });
    expect(await sendOne(upsert())).toEqual({ result: 'auth', code: 'http_403' });
    fake.failAlways({ answer: { status: 429, headers: { 'retry-after': '30' } } });
    const limited = await sendOne(upsert());
    expect(limited).toMatchObject({ result: 'quota', code: 'http_429', at: expect.any(Date) });
  });

  it('pauses for a refused key and for an audience that does not exist', async () => {
    const wrongKey = openSession(connector, { ...session.settings }, { apiKey: 'wrong-us21' });
    expect(await connector.deliver([upsert()], wrongKey)).toEqual([{ result: 'auth', code: 'http_401' }]);
    await expect(connector.readBack([upsert()], wrongKey)).rejects.toMatchObject({
      result: { result: 'auth', code: 'http_401' },
    });
    expect(await connector.health(wrongKey)).toMatchObject({ credential: 'refused', account: null });
    const elsewhere = open({ audienceId: 'ffffffffff' });
    for (const kind of ['upsertPerson', 'trackEvent'] as const)
      expect(await connector.deliver([aRow(kind)], elsewhere)).toEqual([
        { result: 'auth', code: 'http_404' },
      ]);
    expect((await connector.health(elsewhere)).missingFields).toEqual(['audience ffffffffff']);
  });

  it('writes a person once when the answer is lost', async () => {
    const row = upsert();
    fake.failNext({ act: 'hang up' }, { act: 'silence', after: true });
    expect(await sendOne(row)).toMatchObject({ result: 'unknown' });
    expect(await sendOne(row)).toMatchObject({ result: 'unknown' });
    expect(await sendOne(row)).toMatchObject({ result: 'accepted' });
    const owned = [...fake.members.values()].filter(
      ({ merge_fields }) => merge_fields.MINGUSID === row.person.customerId,
    );
    expect(owned).toHaveLength(1);
  });

  describe('events and journeys', () => {
    const event = {
      type: 'customer.stage_changed',
      data: { from: 'trialing', to: 'active' },
      sequence: 4,
      occurredAt: new Date('2026-11-30T10:00:00Z'),
    } as const;
    const about = ({ person, foreignId }: OutgoingRow, changes: Partial<OutgoingRow>) =>
      aRow('trackEvent', { person, foreignId, ...changes });

    it('counts an event once, also when its answer is lost', async () => {
      const person = await known();
      const row = about(person, { event });
      fake.failNext({ act: 'silence' });
      expect(await sendOne(row)).toMatchObject({ result: 'unknown' });
      for (let attempt = 0; attempt < 2; attempt += 1)
        expect(await sendOne(row)).toEqual({ result: 'accepted' });
      expect(fake.byEmail(person.person.email)?.events).toEqual([
        {
          name: 'customer_stage_changed',
          occurred_at: '2026-11-30T10:00:00.000Z',
          properties: { from: 'trialing', to: 'active', delivery_id: row.deliveryId },
        },
      ]);
    });

    it('refuses an event of a person who is no member', async () => {
      expect(await sendOne(aRow('trackEvent', { event }))).toEqual({
        result: 'rejected',
        code: 'not_a_member',
      });
    });

    it('starts journeys of subscribed people', async () => {
      const person = await known();
      Object.assign(fake.byEmail(person.person.email) ?? {}, { status: 'subscribed' });
      const start = (journey: string) =>
        sendOne(about(person, { kind: 'startJourney', fields: { journey } }));
      expect(await start('12/34')).toEqual({ result: 'accepted' });
      expect(fake.journeys.get('12/34')).toEqual([person.person.email]);
      expect(await start('99/1')).toEqual({ result: 'rejected', code: 'journey_not_found' });
      expect(await start('winback')).toMatchObject({ result: 'rejected', code: 'journey_invalid' });
      expect(connector.describe().repeatable ?? ['upsertPerson', 'trackEvent']).not.toContain('startJourney');
    });
  });

  it('erases all members with our id for good, and is refused them afterwards', async () => {
    const row = await known();
    const moved = fake.byEmail(row.person.email);
    // A copy that people made has our id as well.
    const member = fake.add('moved@example.com', { merge_fields: moved?.merge_fields ?? {} });
    const person = { ...row.person, foreignIds: [row.foreignId], created: [] };
    expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    expect([...fake.forgotten]).toEqual(expect.arrayContaining([member.id, moved?.id]));
    expect(fake.segments.size).toBe(0);
    expect(await connector.erase({ ...person, foreignIds: [] }, session)).toEqual({ receipt: 'accepted' });
    const back = await sendOne(withEmail(upsert(), 'moved@example.com'));
    expect(back).toMatchObject({ result: 'rejected', code: 'forgotten_email_not_subscribed' });
    fake.mergeTags.delete('MINGUSID');
    expect(await connector.erase(person, session)).toEqual({ receipt: 'accepted' });
    fake.mergeTags.add('MINGUSID');
    fake.failAlways({ answer: { status: 403 } });
    expect(await connector.erase(person, session)).toMatchObject({ result: 'quota' });
  });

  it('says how it is', async () => {
    expect(await connector.health(session)).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: [],
      quota: null,
      account: '8d3a3db4d97663a9074efcc16',
    });
  });

  it('plans what it sends, with the key masked and the data center of the key', async () => {
    const masked = { settings: session.settings, secret: (name: string) => `<${name}>` };
    for (const row of [upsert({ tags: '' }), await known()]) {
      await sendOne(row);
      const { headers, ...planned } = connector.plan(row, masked);
      const { method, path, body } = written().at(-1) ?? {};
      expect(planned).toEqual({ method, url: `${fake.url}${path}`, body });
      expect(Buffer.from(headers.authorization.slice(6), 'base64').toString()).toBe('mingus:<apiKey>');
    }
    const real = openSession(connector, { audienceId: 'x' }, { apiKey: 'abc-us21' });
    expect(connector.plan(upsert(), real).url).toMatch(
      /^https:\/\/us21\.api\.mailchimp\.com\/3\.0\/lists\/x/,
    );
  });

  it('cuts long texts, and takes any name', async () => {
    const name = `Zoë "Q" <b>'; drop 🎷 ${'x'.repeat(10_000)}`;
    const row = upsert({ FNAME: name, tags: `${'s'.repeat(300)};🎷` });
    expect(await sendOne(row)).toMatchObject({ result: 'accepted' });
    const stored = String(fake.byEmail(row.person.email)?.merge_fields.FNAME);
    expect([stored.length, stored.slice(0, 24)]).toEqual([255, name.slice(0, 24)]);
  });
});

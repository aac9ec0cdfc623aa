import { describe, expect, it } from 'vitest';
import type { IntercomContact } from '../../support/connectors/fake-intercom.js';
import {
  aPerson,
  anEvent,
  connector,
  useIntercom,
} from '../../support/connectors/intercom/intercom-session.js';
import { aTicket, HOSTILE_NAME } from '../../support/connectors/open-session.js';

const { intercom, session, sessionWith, deliver, knownId, contactOf } = useIntercom();

describe('Intercom gets persons', () => {
  it('and creates a new one with our id', async () => {
    const row = aPerson({ 'custom_attributes.mingus_stage': 'trialing' });
    expect(await deliver(row)).toEqual({ result: 'accepted', foreignId: contactOf(row)?.id });
    expect(contactOf(row)).toMatchObject({
      role: 'user',
      email: row.person.email,
      name: 'Ada Lovelace',
      signed_up_at: 1_700_000_000,
      custom_attributes: { mingus_stage: 'trialing' },
    });
  });

  it('and changes a known one, whose consent stays as it is', async () => {
    const row = aPerson();
    await deliver(row);
    Object.assign(contactOf(row) ?? {}, { unsubscribed_from_emails: true });
    const email = `new-${row.person.email}`;
    expect(await deliver({ ...row, fields: { email } })).toMatchObject({ result: 'accepted' });
    expect(contactOf(row)).toMatchObject({ email, name: 'Ada Lovelace', unsubscribed_from_emails: true });
    const resubscribed = { ...row, fields: { unsubscribed_from_emails: false } };
    expect(await deliver(resubscribed)).toMatchObject({ result: 'rejected', code: 'unknown_field' });
  });

  it.each([
    ['the search finds', false],
    ['the search does not find yet', true],
  ])(
    'and adopts a contact of the same address that %s, which keeps what people wrote',
    async (_case, isUnindexed) => {
      const row = aPerson({ phone: '+44 3', 'custom_attributes.mingus_stage': 'active' });
      const old = intercom.addContact({
        email: row.person.email,
        name: 'Countess Lovelace',
        custom_attributes: { mingus_stage: 'old' },
      });
      if (isUnindexed) intercom.unindexed.add(old.id);
      expect(await deliver(row)).toEqual({ result: 'accepted', foreignId: old.id });
      expect(contactOf(row)).toMatchObject({
        name: 'Countess Lovelace',
        phone: '+44 3',
        custom_attributes: { mingus_stage: 'active' },
      });
    },
  );

  it.each([
    ['has another of our ids', { external_id: 'other' }, 'email_of_another_person'],
    [
      'has another of our ids and is not indexed',
      { external_id: 'more', unindexed: true },
      'email_of_another_person',
    ],
    ['is archived', { archived: true }, 'archived_contact'],
  ])('and touches no contact of the same address that %s', async (_case, fields, code) => {
    const row = aPerson();
    const { unindexed, archived, ...contact } = fields as Partial<IntercomContact>;
    const old = intercom.addContact({ ...contact, email: row.person.email });
    if (unindexed) intercom.unindexed.add(old.id);
    if (archived) intercom.archived.add(old.id);
    const before = structuredClone(old);
    expect(await deliver(row)).toEqual({ result: 'rejected', code });
    expect(intercom.contacts.get(old.id)).toEqual(before);
  });

  it('and leaves a lead of the same address alone', async () => {
    const row = aPerson();
    const lead = intercom.addContact({ role: 'lead', external_id: 'a-lead', email: row.person.email });
    expect(await deliver(row)).toMatchObject({ result: 'accepted' });
    expect(contactOf(row)?.id).not.toBe(lead.id);
  });

  it('and refuses one row of a batch without harm to the others', async () => {
    const [first, taken] = [aPerson(), aPerson()];
    const twin = { ...aPerson(), fields: { email: first.person.email } };
    const rows = [first, aPerson({ email: 'none' }), aPerson({ 'custom_attributes.nope': 1 }), twin, taken];
    expect(await connector.deliver(rows, session())).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'parameter_invalid' },
      { result: 'rejected', code: 'parameter_invalid', detail: "Custom attribute 'nope' does not exist" },
      { result: 'rejected', code: 'email_of_another_person' },
      { result: 'accepted' },
    ]);
    expect(intercom.received(/contacts\/search/)).toHaveLength(1);
    const moved = { ...taken, fields: { email: first.person.email } };
    expect(await deliver(moved)).toEqual({ result: 'rejected', code: 'email_of_another_person' });
  });

  it('and notices a success that wrote nothing', async () => {
    const row = aPerson();
    await deliver(row);
    const answer = { status: 200, body: { type: 'contact', id: contactOf(row)?.id, external_id: null } };
    intercom.failNext({ answer: { status: 200, body: { data: [contactOf(row)] } } }, { answer });
    expect(await deliver(row)).toEqual({ result: 'unknown', code: 'not_in_answer' });
  });

  it('with hostile names, which are cut to its limit', async () => {
    const name = HOSTILE_NAME;
    const row = aPerson({ name });
    expect(await deliver(row)).toMatchObject({ result: 'accepted' });
    expect(name.startsWith(contactOf(row)?.name?.slice(0, -1) ?? '?')).toBe(true);
    expect(contactOf(row)?.name?.isWellFormed()).toBe(true);
  });

  it('and is read back by its id or ours', async () => {
    const row = aPerson({ phone: '+44 4' });
    const foreignId = await knownId(row);
    const read = await connector.readBack([row, { ...row, foreignId }, aPerson()], session());
    expect(read).toEqual([read[1], expect.objectContaining({ phone: '+44 4', name: 'Ada Lovelace' }), null]);
  });
});

describe('Intercom answers', () => {
  it('that the credential is refused', async () => {
    const refused = sessionWith('wrong');
    const auth = { result: 'auth', code: 'http_401' };
    expect(await connector.deliver([aPerson(), aPerson()], refused)).toEqual([auth, auth]);
    expect(await connector.health(refused)).toMatchObject({ credential: 'refused', account: null });
  });

  it('that the rate is used up, until the time of its own header', async () => {
    const headers = {
      'x-ratelimit-limit': '1667',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1900000000',
    };
    intercom.failNext({ answer: { status: 429, headers } });
    const rows = [anEvent(), anEvent()];
    const quota = { result: 'quota', code: 'http_429', at: new Date(1_900_000_000_000) };
    expect(await connector.deliver(rows, session())).toEqual([quota, quota]);
    expect(intercom.requests).toHaveLength(1);
    const { freeAgainAt } = connector.describe().rate;
    expect(freeAgainAt?.(headers, new Date())).toEqual(quota.at);
    expect(freeAgainAt?.({ ...headers, 'x-ratelimit-remaining': '5' }, new Date())).toBeNull();
  });

  it('how it is, and what it lacks', async () => {
    intercom.rateHeaders = {
      'x-ratelimit-limit': '1667',
      'x-ratelimit-remaining': '1660',
      'x-ratelimit-reset': '1900000000',
    };
    expect(await connector.health(session())).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: [],
      quota: { limit: 1667, remaining: 1660, resetsAt: new Date(1_900_000_000_000) },
      account: 'ab12cd34',
    });
    const other = sessionWith(intercom.token, { referenceAttribute: 'ref' });
    expect(await connector.health(other)).toMatchObject({ missingFields: ['ticket attribute ref'] });
    const asInTheSchema = { ticket_type_attributes: { ticket_type_attributes: [{ name: 'ref' }] } };
    intercom.failNext(
      { answer: { status: 200, body: { type: 'admin' } } },
      { answer: { status: 200, body: asInTheSchema } },
    );
    expect(await connector.health(other)).toMatchObject({ missingFields: [] });
    intercom.mayReadTickets = false;
    expect(await connector.health(session())).toMatchObject({ missingScopes: ['read and write tickets'] });
    intercom.mayReadTickets = true;
  });

  it('what was planned, with the credential masked', async () => {
    const created = aPerson();
    const masked = { ...session(), secret: (name: string) => `<${name}>` };
    const plans = [connector.plan(created, masked)];
    const foreignId = await knownId(created);
    const sent = [intercom.requests.at(-1)];
    const of = { person: created.person, foreignId };
    for (const row of [{ ...created, foreignId, fields: { name: 'King' } }, anEvent(of), aTicket(of)]) {
      plans.push(connector.plan(row, masked));
      await deliver(row);
      sent.push(intercom.requests.at(-1));
    }
    expect(plans.map(({ method, url, body }) => ({ method, path: new URL(url).pathname, body }))).toEqual(
      sent.map((request) => ({ method: request?.method, path: request?.path, body: request?.body })),
    );
    expect(plans[0]?.headers).toMatchObject({ authorization: 'Bearer <token>', 'intercom-version': '2.14' });
  });
});

import { describe, expect, it } from 'vitest';
import type { ZendeskUser } from '../../support/connectors/fake-zendesk.js';
import { aTicket, HOSTILE_NAME } from '../../support/connectors/open-session.js';
import { aPerson, connector, useZendesk } from '../../support/connectors/zendesk/zendesk-session.js';

const { zendesk, session, sessionWith, deliver, knownId, userOf } = useZendesk();

describe('Zendesk gets persons', () => {
  it('and creates a new one with our id, without a mail to the person', async () => {
    const row = aPerson({ phone: '+44 1', 'user_fields.mingus_stage': 'trialing' });
    const result = await deliver(row);
    expect(result).toEqual({ result: 'accepted', foreignId: String(userOf(row)?.id) });
    expect(userOf(row)).toMatchObject({ email: row.person.email, name: 'Ada Lovelace', phone: '+44 1' });
    expect(userOf(row)?.user_fields.mingus_stage).toBe('trialing');
    expect(zendesk.mails).toEqual([]);
  });

  it('and changes a known one, whose new address becomes the primary one, without a mail', async () => {
    const row = aPerson();
    await deliver(row);
    const email = `new-${row.person.email}`;
    expect(await deliver({ ...row, fields: { email, phone: '+44 2' } })).toMatchObject({
      result: 'accepted',
    });
    expect(userOf(row)).toMatchObject({ email, phone: '+44 2', name: 'Ada Lovelace' });
    expect(await deliver({ ...row, fields: { email: row.person.email } })).toMatchObject({
      result: 'accepted',
    });
    expect(userOf(row)?.email).toBe(row.person.email);
    expect(zendesk.mails).toEqual([]);
  });

  it('and adopts the record of the same address, which keeps what people wrote', async () => {
    const row = aPerson({ phone: '+44 3', 'user_fields.mingus_stage': 'active' });
    const old = zendesk.addUser({ email: row.person.email, name: 'Countess Lovelace' });
    expect(await deliver(row)).toEqual({ result: 'accepted', foreignId: String(old.id) });
    expect(userOf(row)).toMatchObject({ id: old.id, name: 'Countess Lovelace', phone: '+44 3' });
    expect(userOf(row)?.user_fields.mingus_stage).toBe('active');
  });

  it.each([
    ['has another of our ids', { external_id: 'other' }, 'email_of_another_person'],
    ['is an agent', { role: 'agent' as const }, 'not_an_end_user'],
    ['cannot be searched yet', { unindexed: true }, 'email_taken'],
  ])('and touches no record of the same address that %s', async (_case, fields, code) => {
    const row = aPerson();
    const { unindexed, ...user } = { unindexed: false, ...fields } as Partial<ZendeskUser>;
    const old = zendesk.addUser({ ...user, email: row.person.email });
    if (unindexed) zendesk.unindexed.add(old.id);
    const before = structuredClone(old);
    expect(await deliver(row)).toEqual({ result: 'rejected', code });
    expect(zendesk.users.get(old.id)).toEqual(before);
  });

  it('and refuses the address of another one for a known one', async () => {
    const [row, other] = [aPerson(), aPerson()];
    await connector.deliver([row, other], session());
    const result = await deliver({ ...row, fields: { email: other.person.email } });
    expect(result).toEqual({ result: 'rejected', code: 'email_of_another_person' });
  });

  it('and refuses one row of a batch without harm to the others', async () => {
    const rows = [aPerson(), aPerson({ email: 'no address' }), aPerson({ role: 'admin' }), aPerson()];
    expect(await connector.deliver(rows, session())).toMatchObject([
      { result: 'accepted' },
      { result: 'rejected', code: 'RecordInvalid', detail: 'email: InvalidFormat' },
      { result: 'rejected', code: 'unknown_field', detail: 'role' },
      { result: 'accepted' },
    ]);
    expect(zendesk.received(/show_many/)).toHaveLength(1);
  });

  it('and notices that a field was not written', async () => {
    const result = await deliver(aPerson({ 'user_fields.unknown': 'x' }));
    expect(result).toEqual({ result: 'rejected', code: 'field_not_written', detail: 'user_fields.unknown' });
  });

  it('with hostile names, which are cut to its limit', async () => {
    const name = HOSTILE_NAME;
    const row = aPerson({ name });
    expect(await deliver(row)).toMatchObject({ result: 'accepted' });
    expect(name.startsWith(userOf(row)?.name.slice(0, -1) ?? '?')).toBe(true);
    expect(JSON.parse(JSON.stringify(userOf(row)?.name)).isWellFormed()).toBe(true);
  });

  it('and is read back by our id', async () => {
    const row = aPerson({ phone: '+44 4', 'user_fields.mingus_stage': 'active' });
    await deliver(row);
    const [known, unknown] = await connector.readBack([row, aPerson()], session());
    expect(known).toMatchObject({
      phone: '+44 4',
      email: row.person.email,
      'user_fields.mingus_stage': 'active',
    });
    expect(unknown).toBeNull();
  });

  it('and is not guessed about when it cannot be read', async () => {
    zendesk.failNext(
      { answer: { status: 500 } },
      { answer: { status: 429, headers: { 'retry-after': '30' } } },
    );
    const failed = { result: { result: 'retry', code: 'http_500' } };
    await expect(connector.readBack([aPerson()], session())).rejects.toMatchObject(failed);
    const limited = { result: { result: 'quota', at: expect.any(Date) } };
    await expect(connector.search(aTicket(), session())).rejects.toMatchObject(limited);
  });
});

describe('Zendesk answers', () => {
  it('that the credential is refused', async () => {
    const refused = sessionWith('wrong');
    expect(await connector.deliver([aPerson(), aPerson()], refused)).toEqual([
      { result: 'auth', code: 'http_401' },
      { result: 'auth', code: 'http_401' },
    ]);
    expect(await connector.health(refused)).toMatchObject({ credential: 'refused', account: null });
  });

  it('that the rate is used up: the rows behind wait, and what was written stays accepted', async () => {
    const rows = [aTicket(), aTicket(), aTicket()];
    const quota = { status: 429, headers: { 'retry-after': '40' } };
    zendesk.failNext({ act: 'hang up' }, { answer: quota });
    zendesk.failAlways(null);
    expect((await connector.deliver(rows, session())).map(({ result }) => result)).toEqual([
      'unknown',
      'retry',
      'retry',
    ]);
    const results = await connector.deliver(rows, session());
    expect(results).toMatchObject([
      { result: 'quota', at: expect.any(Date) },
      { result: 'quota' },
      { result: 'quota' },
    ]);
    expect(zendesk.received(/tickets$/)).toHaveLength(2);
  });

  it('how it is', async () => {
    zendesk.rateHeaders = { 'x-rate-limit': '700', 'x-rate-limit-remaining': '0', 'ratelimit-reset': '17' };
    zendesk.role = 'agent';
    const health = await connector.health(session());
    expect(health).toMatchObject({
      credential: 'accepted',
      missingScopes: ['the role of an administrator'],
      quota: { limit: 700, remaining: 0 },
      account: 'example.zendesk.com',
    });
    const freeAt = connector.describe().rate.freeAgainAt?.(zendesk.rateHeaders, new Date(0));
    expect(freeAt).toEqual(new Date(17_000));
  });

  it('what was planned, with the credential masked', async () => {
    const created = aPerson();
    const foreignId = await knownId(created);
    const rows = [created, { ...created, foreignId, fields: { name: 'Ada King' } }, aTicket({ foreignId })];
    for (const row of rows) {
      if (row === created) zendesk.users.clear();
      zendesk.identities.length = 0;
      const planned = connector.plan(row, { ...session(), secret: (name) => `<${name}>` });
      expect(planned.headers.authorization).toBe('Basic <token>');
      await deliver(row === rows[1] ? { ...row, foreignId: String(userOf(row)?.id) } : row);
      const sent = zendesk.requests.at(-1);
      expect(planned).toMatchObject({ method: sent?.method, body: sent?.body });
    }
  });
});

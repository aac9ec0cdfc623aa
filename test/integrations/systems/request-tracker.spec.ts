import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ConnectorSession,
  Fields,
  OutgoingRow,
} from '../../../src/integrations/connectors/connector.js';
import { RequestTrackerConnector } from '../../../src/integrations/systems/request-tracker.connector.js';
import { FakeRequestTracker } from '../../support/request-tracker/fake-request-tracker.js';
import {
  aRow,
  aTicket,
  deliverOne,
  HOSTILE_NAME,
  idOf,
  openSession,
} from '../../support/connectors/open-session.js';

const connector = new RequestTrackerConnector();
const rt = new FakeRequestTracker();
let session: ConnectorSession;

const sessionWith = (token: string, settings = {}) =>
  openSession(connector, { baseUrl: rt.url, ...settings }, { token });

beforeAll(async () => {
  await rt.start();
  session = sessionWith(rt.token);
});
afterAll(() => rt.stop());

/** A row as the engine makes it with the suggested mapping. */
function aPerson(fields: Fields = {}): OutgoingRow {
  const row = aRow('upsertPerson');
  return { ...row, fields: { EmailAddress: row.person.email, RealName: 'Ada Lovelace', ...fields } };
}

const deliver = (row: OutgoingRow) => deliverOne(connector, row, session);
const userOf = ({ person }: OutgoingRow) => rt.byOurId(person.customerId);
const ticketsOf = ({ deliveryId }: OutgoingRow) =>
  rt.tickets.filter(({ custom }) => custom['MINGUS reference'] === deliveryId);

describe('Request Tracker gets persons', () => {
  it('and creates a new one, changes it, and reads it back', async () => {
    const row = aPerson({ MobilePhone: '+44 1', 'cf.Plan': 'gold' });
    const foreignId = await idOf(connector, row, session);
    expect(userOf(row)).toMatchObject({
      id: Number(foreignId),
      fields: { Name: row.person.email, RealName: 'Ada Lovelace', Privileged: 0 },
      custom: { Plan: 'gold' },
    });
    const email = `new-${row.person.email}`;
    const changed = { ...row, foreignId, fields: { EmailAddress: email } };
    expect(await deliver(changed)).toEqual({ result: 'accepted', foreignId });
    const [known, unknown] = await connector.readBack([changed, aPerson()], session);
    expect(known).toMatchObject({ EmailAddress: email, MobilePhone: '+44 1', 'cf.Plan': 'gold' });
    expect(unknown).toBeNull();
  });

  it('and adopts the user of the same address, who keeps what people wrote', async () => {
    const row = aPerson({ MobilePhone: '+44 3' });
    const old = rt.addUser({ Name: 'ada', EmailAddress: row.person.email, RealName: 'Countess' });
    expect(await deliver(row)).toEqual({ result: 'accepted', foreignId: String(old.id) });
    expect(userOf(row)?.fields).toMatchObject({ Name: 'ada', RealName: 'Countess', MobilePhone: '+44 3' });
  });

  it.each([
    ['has another of our ids', { Privileged: 0 }, { 'MINGUS customer': 'other' }, 'email_of_another_person'],
    ['is privileged', { Privileged: 1 }, {}, 'not_an_end_user'],
  ])('and touches no user of the same address who %s', async (_case, fields, custom, code) => {
    const row = aPerson();
    const old = rt.addUser(
      { Name: row.person.email, EmailAddress: row.person.email, ...fields },
      custom as never,
    );
    const before = structuredClone(old);
    expect(await deliver(row)).toEqual({ result: 'rejected', code });
    expect(old).toEqual(before);
  });

  it('and refuses one row of a batch without harm to the others', async () => {
    const [first, second] = [aPerson(), aPerson()];
    await connector.deliver([first, second], session);
    const taken = { ...second, fields: { EmailAddress: first.person.email } };
    const rows = [taken, aPerson({ Password: 'x' }), aPerson({ 'cf.Nope': 1 }), aPerson()];
    expect(await connector.deliver(rows, session)).toMatchObject([
      { result: 'rejected', code: 'email_of_another_person' },
      { result: 'rejected', code: 'unknown_field' },
      { result: 'rejected', code: 'field_not_written', detail: 'cf.Nope' },
      { result: 'accepted' },
    ]);
  });

  it('with hostile names, which are cut to its limit', async () => {
    const row = aPerson({ RealName: HOSTILE_NAME });
    expect(await deliver(row)).toMatchObject({ result: 'accepted' });
    expect(String(userOf(row)?.fields.RealName).isWellFormed()).toBe(true);
  });

  it('and finds no stranger while its custom field is missing', async () => {
    rt.customFields.delete('MINGUS customer');
    const row = aPerson();
    expect(await connector.readBack([row], session)).toEqual([null]);
    expect(await deliver(row)).toMatchObject({ result: 'rejected', code: 'field_not_written' });
    expect(await connector.health(session)).toMatchObject({ missingFields: ['MINGUS customer (of users)'] });
    rt.customFields.set('MINGUS customer', 'RT::User');
    expect(await connector.health(session)).toMatchObject({ credential: 'accepted', missingFields: [] });
  });
});

describe('Request Tracker gets tickets', () => {
  it('with their reference, found again after silence', async () => {
    const row = aTicket({}, { priority: 'high', tags: 'VIP' });
    expect(await connector.search(row, session)).toBeNull();
    rt.failNext({ act: 'silence', after: true });
    expect(await deliver(row)).toEqual({ result: 'unknown', code: 'TIMEOUT' });
    expect(await connector.search(row, session)).toBe(String(ticketsOf(row)[0]?.id));
    expect(ticketsOf(row)).toMatchObject([
      {
        fields: {
          Queue: 'General',
          Subject: 'Call',
          Content: 'Plan: gold\n\nTags: VIP',
          Priority: 100,
          Requestor: row.person.email,
        },
      },
    ]);
  });

  it('without the person as requestor, where no automatic reply is wanted', async () => {
    const row = aTicket();
    await connector.deliver([row], sessionWith(rt.token, { isRequestor: false }));
    expect(ticketsOf(row)[0]?.fields.Requestor).toBeUndefined();
  });

  it('and says so when it has no reference, or no such queue', async () => {
    rt.customFields.delete('MINGUS reference');
    expect(await deliver(aTicket())).toMatchObject({ result: 'rejected', code: 'reference_not_written' });
    rt.customFields.set('MINGUS reference', 'RT::Queue-RT::Ticket');
    expect(await deliver(aTicket({}, { queue: 'None' }))).toEqual({
      result: 'rejected',
      code: 'queue_refused',
    });
  });
});

describe('Request Tracker answers', () => {
  it('that the credential is refused, or the rate is used up', async () => {
    const refused = sessionWith('wrong');
    expect(await deliverOne(connector, aTicket(), refused)).toEqual({ result: 'auth', code: 'http_401' });
    expect(await deliverOne(connector, aPerson(), refused)).toEqual({ result: 'auth', code: 'http_401' });
    expect(await connector.health(refused)).toMatchObject({ credential: 'refused' });
    const quota = { status: 429, headers: { 'retry-after': '40' } };
    rt.failNext({ answer: quota }, { answer: quota });
    expect(await deliver(aPerson())).toMatchObject({ result: 'quota', at: expect.any(Date) });
    expect(await deliver(aTicket())).toMatchObject({ result: 'quota', at: expect.any(Date) });
  });

  it('what was planned, with the credential masked', async () => {
    const row = aTicket();
    const planned = connector.plan(row, { ...session, secret: (name) => `<${name}>` });
    await deliver(row);
    const [sent] = rt.received(/ticket$/).slice(-1);
    expect(planned).toMatchObject({ headers: { authorization: 'token <token>' }, body: sent?.body });
  });
});

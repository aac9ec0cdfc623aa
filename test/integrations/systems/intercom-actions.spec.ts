import { Intercom, IntercomClient } from 'intercom-client';
import { describe, expect, it } from 'vitest';
import type { OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import {
  aPerson,
  anEvent,
  connector,
  useIntercom,
} from '../../support/connectors/intercom/intercom-session.js';
import { aTicket } from '../../support/connectors/open-session.js';

const { intercom, session, sessionWith, deliver, knownId, contactOf } = useIntercom();
const ticketsOf = ({ deliveryId }: OutgoingRow) =>
  [...intercom.tickets.values()].filter(
    ({ ticket_attributes: known }) => known.mingus_reference === deliveryId,
  );

describe('Intercom gets events', () => {
  it('once, however often they are sent, and makes the contact first if need be', async () => {
    const row = anEvent();
    intercom.failNext({ act: 'silence', after: true });
    expect(await deliver(row)).toMatchObject({ result: 'unknown' });
    expect(await deliver(row)).toEqual({ result: 'accepted' });
    expect(await deliver(row)).toEqual({ result: 'accepted' });
    expect(intercom.events.filter(({ user_id }) => user_id === row.person.customerId)).toEqual([
      {
        user_id: row.person.customerId,
        event_name: 'customer.stage_changed',
        created_at: 1_700_000_000,
        metadata: { sequence: 7, from: 'trialing', to: 'active', fields: 'email, name' },
      },
    ]);
    expect(contactOf(row)).toMatchObject({ email: row.person.email, name: 'Ada Lovelace' });
  });
});

describe('Intercom gets tickets', () => {
  it('with their reference, without a mail to the person', async () => {
    const row = aTicket({}, { priority: 'high', tags: 'VIP' });
    expect(await deliver(row)).toEqual({ result: 'accepted', foreignId: ticketsOf(row)[0]?.id });
    expect(ticketsOf(row)).toMatchObject([
      {
        ticket_attributes: {
          _default_title_: 'Call',
          _default_description_: 'Plan: gold\n\nPriority: high\n\nTags: VIP',
          mingus_reference: row.deliveryId,
        },
        contacts: { contacts: [{ id: contactOf(row)?.id }] },
      },
    ]);
    expect(intercom.mails).toEqual([]);
  });

  it('once, found among all tickets of the contact after silence', async () => {
    const person = aPerson();
    const foreignId = await knownId(person);
    const of = { person: person.person, foreignId };
    const row = aTicket(of);
    expect(await connector.search(row, session())).toBeNull();
    expect(await connector.search(aTicket(), session())).toBeNull();
    for (let more = 0; more < 151; more += 1) await deliver(aTicket(of));
    intercom.failNext({ act: 'silence', after: true });
    expect(await deliver(row)).toEqual({ result: 'unknown', code: 'TIMEOUT' });
    expect(await connector.search(row, session())).toBe(ticketsOf(row)[0]?.id);
    expect(intercom.received(/tickets\/search/)).toHaveLength(3);
  });

  it('and refuses what it cannot take', async () => {
    const bare = sessionWith(intercom.token, { ticketTypeId: '' });
    expect(await connector.deliver([aTicket()], bare)).toEqual([
      { result: 'rejected', code: 'ticket_type_not_set' },
    ]);
    expect(await deliver(aTicket({}, { assignee: '1' }))).toMatchObject({ code: 'unknown_field' });
    expect(await deliver(aTicket({}, { 'ticket_attributes.nope': '1' }))).toMatchObject({
      result: 'rejected',
      code: 'parameter_invalid',
    });
    expect(await deliver(aTicket({}, { ticketTypeId: '9' }))).toMatchObject({
      code: 'ticket_type_not_found',
    });
  });
});

describe('Intercom erases a person', () => {
  it('with the tickets that were created about the person, also if we lost its id, or never knew it', async () => {
    const row = aPerson();
    const foreignId = await knownId(row);
    const ticket = { foreignId: await knownId(aTicket({ person: row.person, foreignId })) };
    const created = [{ kind: 'createTicket' as const, foreignId: ticket.foreignId }];
    const person = { ...row.person, foreignIds: ['gone'], created };
    expect(await connector.erase(person, session())).toEqual({ receipt: 'accepted' });
    expect(intercom.deleteRequests).toContain(foreignId);
    expect(intercom.tickets.has(ticket.foreignId)).toBe(false);
    expect(await connector.erase({ ...person, foreignIds: [foreignId] }, session())).toEqual({
      receipt: 'accepted',
    });
  });

  it('like an admin does, where there are no requests for deletion', async () => {
    const row = aPerson();
    const foreignId = await knownId(row);
    intercom.takesDeleteRequests = false;
    const person = { ...row.person, foreignIds: [foreignId], created: [] };
    expect(await connector.erase(person, session())).toEqual({ receipt: 'accepted' });
    expect(intercom.contacts.has(foreignId)).toBe(false);
    intercom.takesDeleteRequests = true;
  });

  it('not while the address of the API is wrong', async () => {
    intercom.failNext({ answer: { status: 404, body: '<html>' } });
    const person = { ...aPerson().person, foreignIds: [], created: [] };
    expect(await connector.erase(person, session())).toEqual({ result: 'auth', code: 'http_404' });
  });
});

describe("Intercom's own client", () => {
  const client = (token = intercom.token) =>
    new IntercomClient({
      token,
      environment: intercom.url,
      version: '2.14',
      maxRetries: 0,
    } as never);

  it('understands the answers and refusals of the fake', async () => {
    const row = aPerson();
    const foreignId = await knownId(row);
    const contact = await client().contacts.showContactByExternalId({ external_id: row.person.customerId });
    expect(contact).toMatchObject({ id: foreignId, email: row.person.email });
    const twin = client().contacts.create({ external_id: row.person.customerId });
    await expect(twin).rejects.toMatchObject({ statusCode: 409 });
    await expect(client().contacts.find({ contact_id: 'none' })).rejects.toMatchObject({ statusCode: 404 });
    const refused = client('wrong').contacts.find({ contact_id: foreignId });
    await expect(refused).rejects.toBeInstanceOf(Intercom.UnauthorizedError);
  });

  it('sends the same requests as the connector', async () => {
    const row = aPerson();
    const foreignId = await knownId(row);
    const of = { person: row.person, foreignId };
    for (const sent of [anEvent(of), aTicket(of)]) await deliver(sent);
    const [event, ticket] = intercom.requests.slice(-2).map(({ body }) => body);
    await client().events.create(event);
    await client().tickets.create(ticket);
    expect(intercom.requests.slice(-2).map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/events', event],
      ['POST', '/tickets', ticket],
    ]);
  });
});

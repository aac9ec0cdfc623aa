import { createClient } from 'node-zendesk';
import { describe, expect, it } from 'vitest';
import type { OutgoingRow } from '../../../src/integrations/connectors/connector.js';
import { aTicket } from '../../support/connectors/open-session.js';
import { aPerson, connector, useZendesk } from '../../support/connectors/zendesk/zendesk-session.js';

const { zendesk, session, sessionWith, deliver, knownId, userOf } = useZendesk();
const tickets = () => [...zendesk.tickets.values()];

describe('Zendesk gets tickets', () => {
  it('as notes that cause no mail to the person, with their reference', async () => {
    const person = aPerson();
    const foreignId = await knownId(person);
    const row = aTicket(
      { person: person.person, foreignId },
      { priority: 'high', tags: 'VIP, New York', group_id: '7', custom_field_360: 'gold' },
    );
    const result = await deliver(row);
    const ticket = tickets().find(({ external_id }) => external_id === row.deliveryId);
    expect(result).toEqual({ result: 'accepted', foreignId: String(ticket?.id) });
    expect(ticket).toMatchObject({
      requester_id: userOf(person)?.id,
      subject: 'Call',
      comment: { body: 'Plan: gold', public: false },
      priority: 'high',
      tags: ['vip', 'new_york'],
      group_id: '7',
      custom_fields: [{ id: 360, value: 'gold' }],
    });
    expect(zendesk.mails).toEqual([]);
  });

  it('once, however often they are sent, while the key is known', async () => {
    const row = aTicket();
    zendesk.failNext({ act: 'silence', after: true });
    expect(await deliver(row)).toEqual({ result: 'unknown', code: 'TIMEOUT' });
    expect(await deliver(row)).toMatchObject({ result: 'accepted' });
    expect(tickets().filter(({ external_id }) => external_id === row.deliveryId)).toHaveLength(1);
  });

  it('once, found by their reference, when the key has expired or the body has changed', async () => {
    const row = aTicket();
    expect(await connector.search(row, session())).toBeNull();
    zendesk.failNext({ act: 'hang up', after: true });
    expect(await deliver(row)).toMatchObject({ result: 'unknown' });
    const changed = { ...row, person: { ...row.person, name: 'A. Lovelace' } };
    expect(await deliver(changed)).toEqual({ result: 'unknown', code: 'idempotency_key_in_use' });
    zendesk.keys.clear();
    const ticket = tickets().find(({ external_id }) => external_id === row.deliveryId);
    expect(await connector.search(row, session())).toBe(String(ticket?.id));
  });

  it('and refuses fields that are not for actions', async () => {
    expect(await deliver(aTicket({}, { collaborators: 'eve@example.com' }))).toMatchObject({
      result: 'rejected',
      code: 'unknown_field',
    });
    expect(await deliver(aTicket({}, { priority: 'asap' }))).toMatchObject({
      detail: 'priority: InvalidValue',
    });
  });
});

describe('Zendesk erases a person', () => {
  async function known(): Promise<{ row: OutgoingRow; foreignId: string }> {
    const row = aPerson();
    const foreignId = await knownId(row);
    return { row, foreignId };
  }
  const erase = (row: OutgoingRow, changes = {}, by = session()) =>
    connector.erase({ ...row.person, foreignIds: [], created: [], ...changes }, by);

  it('for good, with the tickets that were created about the person', async () => {
    const { row, foreignId } = await known();
    const ticket = { foreignId: await knownId(aTicket({ person: row.person, foreignId })) };
    const created = [{ kind: 'createTicket', foreignId: ticket.foreignId }];
    expect(await erase(row, { foreignIds: [foreignId], created })).toEqual({ receipt: 'accepted' });
    expect(zendesk.purged).toEqual(
      expect.arrayContaining([`ticket ${ticket.foreignId}`, `user ${foreignId}`]),
    );
    expect(await erase(row, { foreignIds: [foreignId], created })).toEqual({ receipt: 'accepted' });
  });

  it('also if we lost its id, or people deleted it before, or never knew it', async () => {
    const [lost, deleted] = [await known(), await known()];
    expect(await erase(lost.row)).toEqual({ receipt: 'accepted' });
    expect(zendesk.purged).toContain(`user ${lost.foreignId}`);
    await fetch(`${zendesk.url}/api/v2/users/${deleted.foreignId}`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa(`${zendesk.email}/token:${zendesk.token}`)}` },
    });
    expect(await erase(deleted.row, { foreignIds: [deleted.foreignId] })).toEqual({ receipt: 'accepted' });
    expect(zendesk.purged).toContain(`user ${deleted.foreignId}`);
    expect(await erase(aPerson())).toEqual({ receipt: 'accepted' });
  });

  it('once its own tickets are closed, or at once together with them', async () => {
    const { row, foreignId } = await known();
    const ticketId = await knownId(aTicket({ person: row.person, foreignId }));
    expect(await erase(row)).toEqual({ result: 'retry', code: 'open_tickets' });
    expect(userOf(row)?.active).toBe(true);
    const deleting = sessionWith(zendesk.token, { openTickets: 'delete' });
    expect(await erase(row, {}, deleting)).toEqual({ receipt: 'accepted' });
    expect(zendesk.purged).toEqual(expect.arrayContaining([`ticket ${ticketId}`, `user ${foreignId}`]));
  });

  it('but no agent', async () => {
    const { row, foreignId } = await known();
    Object.assign(userOf(row) ?? {}, { role: 'agent' });
    expect(await erase(row)).toEqual({ receipt: 'refused', code: 'not_an_end_user' });
    expect(zendesk.purged).not.toContain(`user ${foreignId}`);
  });
});

describe('a public client of Zendesk', () => {
  it('understands the fake', async () => {
    const client = createClient({
      username: zendesk.email,
      token: zendesk.token,
      endpointUri: `${zendesk.url}/api/v2`,
    });
    const row = aPerson();
    const foreignId = await knownId(row);
    const { result: shown } = await client.users.show(Number(foreignId));
    expect(shown).toMatchObject({ email: row.person.email, external_id: row.person.customerId });
    const twin = client.users.create({ user: { name: 'Twin', email: row.person.email } });
    await expect(twin).rejects.toThrow('422');
    const { result: ticket } = await client.tickets.create({
      ticket: { subject: 'A', comment: { body: 'B' }, requester_id: Number(foreignId) },
    } as never);
    expect(zendesk.tickets.get((ticket as { id: number }).id)).toMatchObject({ subject: 'A' });
  });
});

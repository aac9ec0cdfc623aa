import { Injectable } from '@nestjs/common';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type ErasedPerson,
  type ErasureResult,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../connectors/connector.js';
import { NOT_IN_ANSWER, quotaIn } from '../connectors/http-results.js';
import { keepFilled, keepWritten } from '../connectors/row-fields.js';
import {
  assertAccountSaid,
  assertRead,
  deliverEach,
  EMAIL_OF_ANOTHER,
  readEach,
} from '../connectors/row-results.js';
import {
  attributesOf,
  conflictOf,
  type Contact,
  contactOf,
  contactsOf,
  CUSTOM,
  emailOf,
  erasureRefusedOrUnsettled,
  eventOf,
  fieldsOf,
  freeAgainAt,
  isNotFound,
  refusedOrUnsettled,
  requestTo,
  resetAt,
  type Ticket,
  ticketOf,
  type TicketPage,
  type TicketType,
  unknownContactFields,
  unknownTicketFields,
} from './intercom/intercom-requests.js';

/** Searches take at most 15 filters in a group. */
const ROWS_MAX = 15;
/** A person has a few tickets. A search that finds more of them than these pages hold is not complete. */
const TICKET_PAGES_MAX = 10;

/** Intercom: contacts by our id as `external_id`, events, and tickets whose reference is an attribute. */
@Injectable()
@Connects('intercom')
export class IntercomConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'support',
      title: 'Intercom',
      settings: [
        {
          name: 'baseUrl',
          label: 'Address of the API in the region of the workspace',
          kind: 'url',
          default: 'https://api.intercom.io',
        },
        { name: 'ticketTypeId', label: 'Id of the ticket type of new tickets', kind: 'text', default: '' },
        {
          name: 'referenceAttribute',
          label: 'Name of the text attribute of the ticket type that holds our reference',
          kind: 'text',
          default: 'mingus_reference',
        },
      ],
      secrets: [{ name: 'token', label: 'Access token' }],
      capabilities: ['upsertPerson', 'trackEvent', 'createTicket', 'erase', 'readBack', 'search'],
      batch: { rows: ROWS_MAX, bytes: 1_000_000 },
      rate: { requests: 1600, perSeconds: 10, concurrency: 4, freeAgainAt },
      repeatable: ['upsertPerson', 'trackEvent'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        name: { from: 'customer.name', when: 'onCreate' },
        phone: { from: 'customer.phone', when: 'ifEmpty' },
        signed_up_at: { from: 'customer.createdAt', apply: ['unix_seconds'], when: 'onCreate' },
      },
      events: ['customer.stage_changed', 'customer.milestone_reached', 'payment.failed'],
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const kind = rows[0]?.kind;
    if (kind === 'createTicket') return deliverEach(rows, (row) => createTicket(row, session));
    if (kind === 'trackEvent') return deliverEach(rows, (row) => trackEvent(row, session));
    const response = await session.request(contactsOf(rows, session));
    if (response.status !== 200) return rows.map(() => refusedOrUnsettled(response));
    const found = (response.json as { data: Contact[] }).data;
    return deliverEach(rows, (row) => upsertContact(row, found, session));
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    if (row.kind === 'createTicket') return ticketOf(row, row.foreignId ?? '<contact>', values);
    return row.kind === 'trackEvent' ? eventOf(row, values) : contactOf(row, row.foreignId, values);
  }

  readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    return readEach(rows, async (row) => {
      const contact = await findContact(row, session);
      return contact && fieldsOf(contact);
    });
  }

  /** By the tickets of the contact: the search by attributes of tickets needs their ids, and is reported not to work. */
  async search(row: OutgoingRow, session: ConnectorSession): Promise<string | null> {
    const contact = await findContact(row, session);
    if (!contact) return null;
    const query = { field: 'contact_ids', operator: '=', value: contact.id };
    let after: string | undefined;
    for (let page = 0; page < TICKET_PAGES_MAX; page += 1) {
      const pagination = { per_page: 150, ...(after ? { starting_after: after } : {}) };
      const body = { query, pagination };
      const response = await session.request(requestTo(session, 'POST', '/tickets/search', body));
      assertRead(response);
      const { tickets, pages } = response.json as TicketPage;
      const attribute = String(session.settings.referenceAttribute);
      const ticket = tickets.find(({ ticket_attributes: known }) => known?.[attribute] === row.deliveryId);
      if (ticket) return ticket.id;
      after = pages?.next?.starting_after;
      if (!after) return null;
    }
    throw new Error('The contact has too many tickets to search');
  }

  /** Intercom deletes what it has about the contact within 90 days, also conversations. */
  async erase(
    { customerId, foreignIds, created }: ErasedPerson,
    session: ConnectorSession,
  ): Promise<ErasureResult> {
    for (const { kind, foreignId } of created) {
      if (kind !== 'createTicket') continue;
      const response = await session.request(requestTo(session, 'DELETE', `/tickets/${foreignId}`));
      if (response.status !== 200 && !isNotFound(response)) return erasureRefusedOrUnsettled(response);
    }
    const path = `/contacts/find_by_external_id/${customerId}`;
    const shown = await session.request(requestTo(session, 'GET', path));
    if (shown.status !== 200 && !isNotFound(shown)) return erasureRefusedOrUnsettled(shown);
    const found = shown.status === 200 ? [(shown.json as Contact).id] : [];
    for (const id of new Set([...foreignIds, ...found])) {
      const left = await eraseContact(id, session);
      if (left) return left;
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', '/me'));
    const { status, headers, json } = response;
    const me = status === 200 ? (json as { app?: { id_code?: string } } | undefined) : undefined;
    const isRefused = status === 401 || status === 403;
    // An administrator may belong to no workspace.
    if (!isRefused) assertAccountSaid(response, me !== undefined);
    return {
      credential: isRefused ? 'refused' : 'accepted',
      ...(me ? await ticketNeeds(session) : { missingScopes: [], missingFields: [] }),
      quota: quotaIn(response, 'x-ratelimit-limit', 'x-ratelimit-remaining', resetAt(headers)),
      account: me?.app?.id_code ?? null,
    };
  }
}

/** Null once Intercom deletes the contact; otherwise why not. Without delete requests, it is deleted like by an admin. */
async function eraseContact(id: string, session: ConnectorSession): Promise<ErasureResult | null> {
  const body = { intercom_user_id: id };
  const requested = await session.request(requestTo(session, 'POST', '/user_delete_requests', body));
  if (requested.status === 200) return null;
  if (!isNotFound(requested)) return erasureRefusedOrUnsettled(requested);
  const deleted = await session.request(requestTo(session, 'DELETE', `/contacts/${id}`));
  return deleted.status === 200 || isNotFound(deleted) ? null : erasureRefusedOrUnsettled(deleted);
}

/** What is missing for tickets. */
async function ticketNeeds(session: ConnectorSession) {
  const { ticketTypeId, referenceAttribute } = session.settings;
  if (!ticketTypeId) return { missingScopes: [], missingFields: [] };
  const response = await session.request(requestTo(session, 'GET', `/ticket_types/${ticketTypeId}`));
  if (response.status === 401 || response.status === 403)
    return { missingScopes: ['read and write tickets'], missingFields: [] };
  if (isNotFound(response)) return { missingScopes: [], missingFields: [`ticket type ${ticketTypeId}`] };
  assertRead(response);
  const attributes = attributesOf(response.json as TicketType);
  const isThere = attributes.some(({ name }) => name === referenceAttribute);
  return { missingScopes: [], missingFields: isThere ? [] : [`ticket attribute ${referenceAttribute}`] };
}

async function upsertContact(
  row: OutgoingRow,
  found: readonly Contact[],
  session: ConnectorSession,
): Promise<RowResult> {
  const unknown = unknownContactFields(row.fields);
  if (unknown) return unknown;
  const own = found.find(({ external_id: ourId }) => ourId === row.person.customerId);
  if (own) return update(keepFilled(row, fieldsOf(own)), own.id, session);
  // A lead may have the same address, until it is merged.
  const twin = found.find(({ role, email }) => role === 'user' && email?.toLowerCase() === emailOf(row));
  if (twin) return adopt(row, twin, session);
  const response = await session.request(contactOf(row, null, session));
  if (response.status === 200) return acceptedBy(row, response.json as Contact);
  const conflict = conflictOf(response);
  if (!conflict) return refusedOrUnsettled(response);
  if (conflict.isArchived) return { result: 'rejected', code: 'archived_contact' };
  // The index of the search is behind.
  const shown = await session.request(requestTo(session, 'GET', `/contacts/${conflict.id}`));
  return shown.status === 200 ? adopt(row, shown.json as Contact, session) : refusedOrUnsettled(shown);
}

async function adopt(row: OutgoingRow, contact: Contact, session: ConnectorSession): Promise<RowResult> {
  const { external_id: ourId } = contact;
  if (ourId && ourId !== row.person.customerId) return EMAIL_OF_ANOTHER;
  return update(keepWritten(row, fieldsOf(contact), ourId, CUSTOM), contact.id, session);
}

async function update(row: OutgoingRow, contactId: string, session: ConnectorSession): Promise<RowResult> {
  const response = await session.request(contactOf(row, contactId, session));
  if (response.status === 200) return acceptedBy(row, response.json as Contact);
  if (conflictOf(response)) return EMAIL_OF_ANOTHER;
  return refusedOrUnsettled(response);
}

function acceptedBy({ person }: OutgoingRow, contact: Contact): RowResult {
  // A success without our id wrote nothing for the row.
  if (contact.external_id !== person.customerId) return NOT_IN_ANSWER;
  return { result: 'accepted', foreignId: contact.id };
}

/** An event about a contact that is not there yet creates the contact first. */
async function trackEvent(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const first = await session.request(eventOf(row, session));
  if (first.status === 202) return { result: 'accepted' };
  if (!isNotFound(first)) return refusedOrUnsettled(first);
  const contact = await ensureContact(row, session);
  if (typeof contact !== 'string') return contact;
  const second = await session.request(eventOf(row, session));
  return second.status === 202 ? { result: 'accepted' } : refusedOrUnsettled(second);
}

async function createTicket(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const unknown = unknownTicketFields(row.fields);
  if (unknown) return unknown;
  if (!row.fields.ticketTypeId && !session.settings.ticketTypeId)
    return { result: 'rejected', code: 'ticket_type_not_set' };
  const contact = row.foreignId ?? (await ensureContact(row, session));
  if (typeof contact !== 'string') return contact;
  const response = await session.request(ticketOf(row, contact, session));
  if (response.status !== 200) return refusedOrUnsettled(response);
  const ticket = response.json as Ticket | null | undefined;
  return ticket?.id ? { result: 'accepted', foreignId: ticket.id } : NOT_IN_ANSWER;
}

/** The id of the person's contact, which is created if need be. */
async function ensureContact(row: OutgoingRow, session: ConnectorSession): Promise<string | RowResult> {
  const contact = await findContact({ ...row, foreignId: null }, session);
  if (contact) return contact.id;
  const { email, name } = row.person;
  const fields = { email, ...(name ? { name } : {}) };
  const response = await session.request(contactsOf([{ ...row, fields }], session));
  assertRead(response);
  const found = (response.json as { data: Contact[] }).data;
  const result = await upsertContact({ ...row, fields }, found, session);
  return result.result === 'accepted' && result.foreignId ? result.foreignId : result;
}

async function findContact(
  { person, foreignId }: OutgoingRow,
  session: ConnectorSession,
): Promise<Contact | null> {
  const path = foreignId ? `/contacts/${foreignId}` : `/contacts/find_by_external_id/${person.customerId}`;
  const response = await session.request(requestTo(session, 'GET', path));
  if (isNotFound(response)) return null;
  assertRead(response);
  return response.json as Contact;
}

import { Injectable } from '@nestjs/common';
import type { OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
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
import { erasureUnsettledBy, quotaIn, unsettledBy } from '../connectors/http-results.js';
import { fieldsWithin, keepFilled, keepWritten } from '../connectors/row-fields.js';
import { assertAccountSaid, assertRead, deliverEach, EMAIL_OF_ANOTHER } from '../connectors/row-results.js';
import {
  byOurId,
  CUSTOM,
  emailOf,
  fieldsOf,
  freeAgainAt,
  type Identity,
  type Refusal,
  requestTo,
  type Ticket,
  ticketOf,
  unknownTicketFields,
  unknownUserFields,
  type User,
  userOf,
  usersByOurIds,
} from './zendesk/zendesk-requests.js';

/**
 * Zendesk: users by our id as `external_id`. `create_or_update` is not used, because it would take over the record of
 * another person with the same address; its form for many needs to be enabled by Zendesk's support.
 */
@Injectable()
@Connects('zendesk')
export class ZendeskConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'support',
      title: 'Zendesk',
      settings: [
        { name: 'baseUrl', label: 'Address, such as https://example.zendesk.com', kind: 'url' },
        {
          name: 'email',
          label: 'Email address of the administrator that the token is used for',
          kind: 'text',
        },
        {
          name: 'openTickets',
          label: 'What an erasure does about tickets of the person that are not closed: wait, or delete them',
          kind: 'text',
          choices: ['wait', 'delete'],
          default: 'wait',
        },
      ],
      secrets: [{ name: 'token', label: 'API token' }],
      capabilities: ['upsertPerson', 'createTicket', 'erase', 'readBack', 'search'],
      batch: { rows: 20, bytes: 1_000_000 },
      rate: { requests: 190, perSeconds: 60, concurrency: 2, freeAgainAt },
      repeatable: ['upsertPerson'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        name: { from: 'customer.name', when: 'onCreate' },
        phone: { from: 'customer.phone', when: 'ifEmpty' },
      },
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    if (rows[0]?.kind === 'createTicket') return deliverEach(rows, (row) => createTicket(row, session));
    const response = await session.request(usersByOurIds(rows, session));
    if (response.status !== 200) return rows.map(() => unsettledBy(response));
    const users = byOurId(response);
    return deliverEach(rows, (row) => upsertUser(row, users.get(row.person.customerId), session));
  }

  /** An address that changes takes further requests, which depend on the answers. */
  plan(row: OutgoingRow, values: ConnectorValues) {
    const request = row.kind === 'createTicket' ? ticketOf(row, values) : userOf(row, row.foreignId, values);
    return { ...request, headers: { ...request.headers, authorization: 'Basic <token>' } };
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const response = await session.request(usersByOurIds(rows, session));
    assertRead(response);
    const users = byOurId(response);
    return rows.map(({ person }) => {
      const user = users.get(person.customerId);
      return user ? fieldsOf(user) : null;
    });
  }

  async search({ deliveryId }: OutgoingRow, session: ConnectorSession): Promise<string | null> {
    const response = await session.request(requestTo(session, 'GET', `/tickets?external_id=${deliveryId}`));
    assertRead(response);
    const [ticket] = (response.json as { tickets: Ticket[] }).tickets;
    return ticket ? String(ticket.id) : null;
  }

  /** Zendesk deletes no user with tickets that are not closed, and keeps a deleted user for 30 days, or until it is deleted again. */
  async erase(
    { customerId, foreignIds, created }: ErasedPerson,
    session: ConnectorSession,
  ): Promise<ErasureResult> {
    for (const { kind, foreignId } of created) {
      const left = kind === 'createTicket' ? await deleteTicket(foreignId, session) : null;
      if (left) return left;
    }
    const response = await session.request(
      requestTo(session, 'GET', `/users/show_many?external_ids=${customerId}`),
    );
    if (response.status !== 200) return erasureUnsettledBy(response);
    const found = (response.json as { users: User[] }).users.map(({ id }) => String(id));
    for (const id of new Set([...foreignIds, ...found])) {
      const left = await eraseUser(id, session);
      if (left) return left;
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', '/users/me'));
    const { status, headers, json } = response;
    const user = status === 200 ? (json as { user?: User } | undefined)?.user : undefined;
    // Without a valid credential, the answer is an anonymous user.
    const isRefused = status === 401 || status === 403 || (user !== undefined && !user.id);
    if (!isRefused) assertAccountSaid(response, user?.url !== undefined);
    return {
      credential: isRefused ? 'refused' : 'accepted',
      missingScopes: isRefused || !user || user.role === 'admin' ? [] : ['the role of an administrator'],
      missingFields: [],
      quota: quotaIn(response, 'x-rate-limit', 'x-rate-limit-remaining', freeAgainAt(headers, new Date())),
      account: user?.url ? new URL(user.url).hostname : null,
    };
  }
}

async function upsertUser(
  row: OutgoingRow,
  known: User | undefined,
  session: ConnectorSession,
): Promise<RowResult> {
  const unknown = unknownUserFields(row.fields);
  if (unknown) return unknown;
  if (known) return updateUser(keepFilled(row, fieldsOf(known)), known, session);
  const response = await session.request(userOf(row, null, session));
  if (response.status === 201) return writtenOf(row, response);
  if (!isTaken(response, 'email')) return refusedOrUnsettled(response);
  const owner = await findByEmail(emailOf(row), session);
  // An address can also be a further one of another user. The index of the search is minutes behind.
  if (!owner) return { result: 'rejected', code: 'email_taken' };
  const { external_id: ourId } = owner;
  if (ourId && ourId !== row.person.customerId) return EMAIL_OF_ANOTHER;
  return updateUser(keepWritten(row, fieldsOf(owner), ourId, CUSTOM), owner, session);
}

async function updateUser(row: OutgoingRow, user: User, session: ConnectorSession): Promise<RowResult> {
  if (user.role !== 'end-user') return { result: 'rejected', code: 'not_an_end_user' };
  const response = await session.request(userOf(row, String(user.id), session));
  if (response.status === 404) return { result: 'retry', code: 'user_gone' };
  if (response.status !== 200) return refusedOrUnsettled(response);
  const email = typeof row.fields.email === 'string' ? row.fields.email : null;
  const isMoved = email !== null && email.toLowerCase() !== user.email?.toLowerCase();
  const problem = isMoved ? await moveEmail(user, email, session) : null;
  return problem ?? writtenOf(row, response);
}

/** An update would add the address as a further one. So it is added without a mail to the person, and made primary. */
async function moveEmail(user: User, email: string, session: ConnectorSession): Promise<RowResult | null> {
  const path = `/users/${user.id}/identities`;
  const listed = await session.request(requestTo(session, 'GET', path));
  if (listed.status !== 200) return refusedOrUnsettled(listed);
  const { identities } = listed.json as { identities: Identity[] };
  let identity = identities.find(
    ({ type, value }) => type === 'email' && value.toLowerCase() === email.toLowerCase(),
  );
  if (!identity) {
    const body = { identity: { type: 'email', value: email, skip_verify_email: true } };
    const added = await session.request(requestTo(session, 'POST', path, body));
    if (isTaken(added, 'value') || isTaken(added, 'email')) return EMAIL_OF_ANOTHER;
    if (added.status !== 201) return refusedOrUnsettled(added);
    identity = (added.json as { identity: Identity }).identity;
  }
  const moved = await session.request(requestTo(session, 'PUT', `${path}/${identity.id}/make_primary`));
  return moved.status === 200 ? null : refusedOrUnsettled(moved);
}

async function findByEmail(email: string, session: ConnectorSession): Promise<User | undefined> {
  const query = encodeURIComponent(`email:"${email.replaceAll('"', '')}"`);
  const response = await session.request(requestTo(session, 'GET', `/users/search?query=${query}`));
  assertRead(response);
  const { users } = response.json as { users: User[] };
  return users.find((user) => user.email?.toLowerCase() === email.toLowerCase());
}

async function createTicket(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const unknown = unknownTicketFields(row.fields);
  if (unknown) return unknown;
  const response = await session.request(ticketOf(row, session));
  const { status, json } = response;
  if (status === 201)
    return { result: 'accepted', foreignId: String((json as { ticket: Ticket }).ticket.id) };
  // An earlier attempt is under way, or had another body. The ticket is searched by its reference.
  const isKeyInUse = (json as Refusal | undefined)?.error === 'IdempotentRequestError' || status === 409;
  return isKeyInUse ? { result: 'unknown', code: 'idempotency_key_in_use' } : refusedOrUnsettled(response);
}

/** Null once the user is gone for good; otherwise why not. */
async function eraseUser(id: string, session: ConnectorSession): Promise<ErasureResult | null> {
  const shown = await session.request(requestTo(session, 'GET', `/users/${id}`));
  if (shown.status !== 200 && shown.status !== 404) return erasureUnsettledBy(shown);
  const user = shown.status === 200 ? (shown.json as { user: User }).user : null;
  if (user && user.role !== 'end-user') return { receipt: 'refused', code: 'not_an_end_user' };
  if (user && user.active !== false) {
    let deleted = await session.request(requestTo(session, 'DELETE', `/users/${id}`));
    if (deleted.status === 422 && session.settings.openTickets === 'delete') {
      const left = await deleteOpenTickets(id, session);
      if (left) return left;
      deleted = await session.request(requestTo(session, 'DELETE', `/users/${id}`));
    }
    if (deleted.status === 422) return { result: 'retry', code: 'open_tickets' };
    if (deleted.status !== 200 && deleted.status !== 404) return erasureUnsettledBy(deleted);
  }
  const purged = await session.request(requestTo(session, 'DELETE', `/deleted_users/${id}`));
  return purged.status === 200 || purged.status === 404 ? null : erasureUnsettledBy(purged);
}

async function deleteOpenTickets(userId: string, session: ConnectorSession): Promise<ErasureResult | null> {
  const path = `/users/${userId}/tickets/requested?page[size]=100`;
  const response = await session.request(requestTo(session, 'GET', path));
  if (response.status !== 200) return erasureUnsettledBy(response);
  const { tickets } = response.json as { tickets: Ticket[] };
  for (const { id } of tickets.filter(({ status }) => status !== 'closed')) {
    const left = await deleteTicket(String(id), session);
    if (left) return left;
  }
  return null;
}

/** Null once the ticket is gone for good; otherwise why not. */
async function deleteTicket(id: string, session: ConnectorSession): Promise<ErasureResult | null> {
  for (const path of [`/tickets/${id}`, `/deleted_tickets/${id}`]) {
    const response = await session.request(requestTo(session, 'DELETE', path));
    if (![200, 204, 404].includes(response.status)) return erasureUnsettledBy(response);
  }
  return null;
}

/** Zendesk leaves out fields that it does not know, without an error. */
function writtenOf({ fields }: OutgoingRow, response: OutboundResponse): RowResult {
  const { user } = response.json as { user: User };
  const sent = Object.keys(fieldsWithin(CUSTOM, fields));
  const missing = sent.filter((key) => user.user_fields?.[key] === undefined).map((key) => CUSTOM + key);
  if (missing.length > 0)
    return { result: 'rejected', code: 'field_not_written', detail: missing.join(', ') };
  return { result: 'accepted', foreignId: String(user.id) };
}

function refusedOrUnsettled(response: OutboundResponse): RowResult {
  const { status, json } = response;
  if (status !== 400 && status !== 422) return unsettledBy(response);
  const { error, details = {} } = (json ?? {}) as Refusal;
  const problems = Object.entries(details).map(([field, [first]]) => `${field}: ${first?.error}`);
  const code = typeof error === 'string' && /^\w{1,40}$/.test(error) ? error : `http_${status}`;
  return { result: 'rejected', code, ...(problems.length > 0 ? { detail: problems.join(', ') } : {}) };
}

function isTaken({ status, json }: OutboundResponse, field: string): boolean {
  const problems = status === 422 ? (json as Refusal | undefined)?.details?.[field] : undefined;
  return problems?.some(({ error }) => error === 'DuplicateValue') ?? false;
}

import { Injectable } from '@nestjs/common';
import type { OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../connectors/connector.js';
import { NOT_IN_ANSWER, unsettledBy } from '../connectors/http-results.js';
import { keepWritten } from '../connectors/row-fields.js';
import { assertRead, deliverEach, EMAIL_OF_ANOTHER, readEach } from '../connectors/row-results.js';
import {
  CUSTOM,
  cutFields,
  emailOf,
  fieldsOf,
  type Found,
  itemsOf,
  messageOf,
  OUR_ID,
  requestTo,
  ticketOf,
  unknownTicketFields,
  unknownUserFields,
  userOf,
  valueOf,
} from './request-tracker/request-tracker-requests.js';

/**
 * Request Tracker 5, by REST 2: users and tickets with our ids in custom fields. RT answers a success also for fields that
 * it did not write, so what was written is read. Its API cannot remove a person for good.
 */
@Injectable()
@Connects('request-tracker')
export class RequestTrackerConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'support',
      title: 'Request Tracker',
      settings: [
        { name: 'baseUrl', label: 'Address, such as https://rt.example.com', kind: 'url' },
        { name: 'queue', label: 'Queue of new tickets', kind: 'text', default: 'General' },
        {
          name: 'isRequestor',
          label: 'Whether the person is the requestor of a new ticket, who gets the automatic reply of RT',
          kind: 'flag',
          default: true,
        },
        {
          name: 'customerField',
          label: 'Custom field of users that holds our id',
          kind: 'text',
          default: 'MINGUS customer',
        },
        {
          name: 'referenceField',
          label: 'Custom field of tickets that holds our reference',
          kind: 'text',
          default: 'MINGUS reference',
        },
      ],
      secrets: [{ name: 'token', label: 'Authentication token' }],
      capabilities: ['upsertPerson', 'createTicket', 'readBack', 'search'],
      batch: { rows: 10, bytes: 1_000_000 },
      rate: { requests: 10, perSeconds: 1, concurrency: 2 },
      repeatable: ['upsertPerson'],
      mapping: {
        EmailAddress: { from: 'customer.email', apply: ['lower'] },
        RealName: { from: 'customer.name', when: 'onCreate' },
        MobilePhone: { from: 'customer.phone', when: 'ifEmpty' },
      },
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const deliverOne = rows[0]?.kind === 'createTicket' ? createTicket : upsertUser;
    return deliverEach(rows, (row) => deliverOne(row, session));
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    return row.kind === 'createTicket' ? ticketOf(row, values) : userOf(row, row.foreignId, values);
  }

  readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    return readEach(rows, async (row) => {
      const user = await findOwn(row, session);
      return user && fieldsOf(user);
    });
  }

  /** A ticket counts only if it has the reference. */
  async search({ deliveryId }: OutgoingRow, session: ConnectorSession): Promise<string | null> {
    const field = String(session.settings.referenceField);
    const query = encodeURIComponent(`'CF.{${field}}' = '${deliveryId}'`);
    const path = `/tickets?query=${query}&fields=CustomFields`;
    const response = await session.request(requestTo(session, 'GET', path));
    assertRead(response);
    const ticket = itemsOf(response).find((found) => valueOf(found, field) === deliveryId);
    return ticket ? String(ticket.id) : null;
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', '/rt'));
    const isRefused = response.status === 401 || response.status === 403;
    const isKnown = response.status === 200;
    return {
      credential: isRefused ? 'refused' : isKnown ? 'accepted' : 'unknown',
      missingScopes: [],
      missingFields: isKnown ? await missingFields(session) : [],
      quota: null,
      account: null,
    };
  }
}

async function missingFields(session: ConnectorSession): Promise<string[]> {
  const { customerField, referenceField } = session.settings;
  const body = [customerField, referenceField].map((value) => ({ field: 'Name', value }));
  const path = '/customfields?fields=Name,LookupType';
  const response = await session.request(requestTo(session, 'POST', path, body));
  assertRead(response);
  const isThere = (name: unknown, lookup: string) =>
    itemsOf(response).some(({ Name, LookupType }) => Name === name && LookupType === lookup);
  return [
    ...(isThere(customerField, 'RT::User') ? [] : [`${customerField} (of users)`]),
    ...(isThere(referenceField, 'RT::Queue-RT::Ticket') ? [] : [`${referenceField} (of tickets)`]),
  ];
}

async function upsertUser(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const unknown = unknownUserFields(row.fields);
  if (unknown) return unknown;
  const user = (await findOwn(row, session)) ?? (await findByEmail(emailOf(row), session));
  if (!user) {
    const response = await session.request(userOf(row, null, session));
    if (response.status !== 201) return refusedOrUnsettled(response);
    return checkWritten(row, String((response.json as Found).id), session);
  }
  const ourId = valueOf(user, String(session.settings.customerField));
  if (ourId && ourId !== row.person.customerId) return EMAIL_OF_ANOTHER;
  if (Number(user.Privileged) === 1) return { result: 'rejected', code: 'not_an_end_user' };
  const written = keepWritten(row, fieldsOf(user), ourId, CUSTOM);
  const response = await session.request(userOf(written, String(user.id), session));
  if (response.status !== 200) return refusedOrUnsettled(response);
  return checkWritten(written, String(user.id), session);
}

/** RT answers 200 also if an address is in use, and 201 if a custom field does not exist. */
async function checkWritten(row: OutgoingRow, id: string, session: ConnectorSession): Promise<RowResult> {
  const user = await findUser(id, session);
  if (!user) return NOT_IN_ANSWER;
  const ourId = valueOf(user, String(session.settings.customerField));
  const present: Fields = { ...fieldsOf(user), [OUR_ID]: ourId ?? null };
  const wanted: Fields = { ...cutFields(row.fields), [OUR_ID]: row.person.customerId };
  const missing = Object.keys(wanted).filter((name) => String(present[name] ?? '') !== String(wanted[name]));
  if (missing.length === 0) return { result: 'accepted', foreignId: String(user.id) };
  const code = missing.includes('EmailAddress') ? 'email_of_another_person' : 'field_not_written';
  return { result: 'rejected', code, detail: missing.join(', ') };
}

async function createTicket(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const unknown = unknownTicketFields(row.fields);
  if (unknown) return unknown;
  const response = await session.request(ticketOf(row, session));
  // RT says so about a queue that does not exist, too.
  if (response.status === 403) return { result: 'rejected', code: 'queue_refused' };
  if (response.status !== 201) return refusedOrUnsettled(response);
  const id = String((response.json as Found).id);
  const shown = await session.request(requestTo(session, 'GET', `/ticket/${id}`));
  const reference =
    shown.status === 200 ? valueOf(shown.json as Found, String(session.settings.referenceField)) : undefined;
  if (reference === null)
    return { result: 'rejected', code: 'reference_not_written', detail: `ticket ${id}` };
  return { result: 'accepted', foreignId: id };
}

/** The user with our id. */
async function findOwn({ person, foreignId }: OutgoingRow, session: ConnectorSession): Promise<Found | null> {
  const field = String(session.settings.customerField);
  const known = foreignId ? await findUser(foreignId, session) : null;
  if (known && valueOf(known, field) === person.customerId) return known;
  const found = await searchUsers(`CustomField.{${field}}`, person.customerId, session);
  // RT ignores a condition on a custom field that it does not know, and finds all users.
  const own = found.find((user) => valueOf(user, field) === person.customerId);
  return own ? findUser(String(own.id), session) : null;
}

async function findByEmail(email: string, session: ConnectorSession): Promise<Found | null> {
  const found = await searchUsers('EmailAddress', email, session);
  const owner = found.find((user) => String(user.EmailAddress).toLowerCase() === email.toLowerCase());
  return owner ? findUser(String(owner.id), session) : null;
}

/** A disabled user keeps its address. */
async function searchUsers(field: string, value: string, session: ConnectorSession): Promise<Found[]> {
  const path = '/users?find_disabled_rows=1&fields=EmailAddress,CustomFields';
  const response = await session.request(requestTo(session, 'POST', path, [{ field, value }]));
  assertRead(response);
  return itemsOf(response);
}

async function findUser(id: string, session: ConnectorSession): Promise<Found | null> {
  const response = await session.request(requestTo(session, 'GET', `/user/${encodeURIComponent(id)}`));
  if (response.status === 404 && messageOf(response)) return null;
  assertRead(response);
  return response.json as Found;
}

function refusedOrUnsettled(response: OutboundResponse): RowResult {
  const message = messageOf(response);
  if (response.status !== 400 || message === null) return unsettledBy(response);
  if (/address in use/i.test(message)) return EMAIL_OF_ANOTHER;
  return { result: 'rejected', code: 'http_400', detail: message.slice(0, 200) };
}

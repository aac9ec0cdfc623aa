import { retryAfter } from '../../../platform/delivery/retry-after.js';
import type { OutboundRequest, OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import {
  ACTION_FIELDS,
  type ConnectorValues,
  type ErasureResult,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../../connectors/connector.js';
import { erasureUnsettledBy, unsettledBy } from '../../connectors/http-results.js';
import { fieldsWithin, unknownFields } from '../../connectors/row-fields.js';
import { cutTo } from '../../connectors/texts.js';

/** The version of the API that requests and answers are written for. */
const VERSION = '2.14';
const NAME_LENGTH_MAX = 255;
const BODY_LENGTH_MAX = 60_000;
const METADATA_KEYS_MAX = 10;
/** What a mapping can write to a contact, besides `custom_attributes.<name>`. Subscriptions are not among them. */
const CONTACT_FIELDS = new Set('email name phone avatar signed_up_at last_seen_at owner_id'.split(' '));
export const CUSTOM = 'custom_attributes.';
/** What an action can add to a ticket, besides `ticket_attributes.<name>`. */
const TICKET_FIELDS = new Set([
  ...ACTION_FIELDS.createTicket.map(({ name }) => name),
  'ticketTypeId',
  'isPublic',
]);
const TICKET_CUSTOM = 'ticket_attributes.';

export interface Contact {
  id: string;
  role: string;
  external_id: string | null;
  email: string | null;
  custom_attributes?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Ticket {
  id: string;
  ticket_attributes?: Record<string, unknown>;
}

/** A page of a search for tickets. */
export interface TicketPage {
  tickets: Ticket[];
  pages?: { next?: { starting_after?: string } | null };
}

type TicketAttributes = readonly { name: string }[];

export interface TicketType {
  ticket_type_attributes?: { data?: TicketAttributes; ticket_type_attributes?: TicketAttributes };
}

interface ErrorList {
  type: 'error.list';
  errors: { code: string; message?: string }[];
}

/** Refuses fields of a mapping that are not written. */
export function unknownContactFields(fields: Fields): RowResult | null {
  return unknownFields(fields, (name) => CONTACT_FIELDS.has(name) || name.startsWith(CUSTOM));
}

/** Refuses fields of an action that are not written. */
export function unknownTicketFields(fields: Fields): RowResult | null {
  return unknownFields(fields, (name) => TICKET_FIELDS.has(name) || name.startsWith(TICKET_CUSTOM));
}

/** Asks for the contacts that have our ids or the addresses of the rows. */
export function contactsOf(rows: readonly OutgoingRow[], values: ConnectorValues) {
  const value = [
    { field: 'external_id', operator: 'IN', value: rows.map(({ person }) => person.customerId) },
    { field: 'email', operator: 'IN', value: rows.map(emailOf) },
  ];
  const body = { query: { operator: 'OR', value }, pagination: { per_page: 150 } };
  return requestTo(values, 'POST', '/contacts/search', body);
}

/** The fields of a contact as a mapping names them. */
export function fieldsOf({ custom_attributes: custom = {}, ...contact }: Contact): Fields {
  const standard = Object.entries(contact).filter(([name]) => CONTACT_FIELDS.has(name));
  const named = Object.entries(custom).map(([name, value]) => [`${CUSTOM}${name}`, value]);
  return Object.fromEntries([...standard, ...named]) as Fields;
}

export function emailOf({ fields, person }: OutgoingRow): string {
  return (typeof fields.email === 'string' ? fields.email : person.email).toLowerCase();
}

/** Creates a contact, or updates one. */
export function contactOf(
  { fields, person }: OutgoingRow,
  contactId: string | null,
  values: ConnectorValues,
) {
  const standard = Object.entries(fields).filter(([name]) => CONTACT_FIELDS.has(name));
  const custom = fieldsWithin(CUSTOM, fields);
  const contact = {
    ...Object.fromEntries(standard),
    ...(fields.name === undefined ? {} : { name: cutTo(String(fields.name), NAME_LENGTH_MAX) }),
    external_id: person.customerId,
    ...(Object.keys(custom).length > 0 ? { custom_attributes: custom } : {}),
  };
  return contactId
    ? requestTo(values, 'PUT', `/contacts/${contactId}`, contact)
    : requestTo(values, 'POST', '/contacts', { role: 'user', ...contact });
}

/** An event of the contact with our id. Intercom takes two of one name in one second for the same one. */
export function eventOf({ person, event }: OutgoingRow, values: ConnectorValues) {
  const data = Object.entries(event?.data ?? {}).filter(([, value]) => value !== null);
  const flat = data.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return requestTo(values, 'POST', '/events', {
    event_name: event?.type,
    created_at: Math.floor((event?.occurredAt.getTime() ?? 0) / 1000),
    user_id: person.customerId,
    metadata: Object.fromEntries([['sequence', event?.sequence], ...flat].slice(0, METADATA_KEYS_MAX)),
  });
}

/** The attributes of a ticket type. They are in `data` in Intercom's examples, and under their own name in its schema. */
export function attributesOf({ ticket_type_attributes: list }: TicketType): TicketAttributes {
  return list?.data ?? list?.ticket_type_attributes ?? [];
}

/** A ticket causes no mail to the person, unless the action says otherwise. Its reference is an attribute. */
export function ticketOf({ deliveryId, fields }: OutgoingRow, contactId: string, values: ConnectorValues) {
  const { title, body, priority, tags, ticketTypeId, isPublic } = fields;
  const more = [priority && `Priority: ${priority}`, tags && `Tags: ${tags}`].filter(Boolean);
  const description = [cutTo(String(body), BODY_LENGTH_MAX), ...more].join('\n\n');
  return requestTo(values, 'POST', '/tickets', {
    ticket_type_id: String(ticketTypeId ?? values.settings.ticketTypeId),
    contacts: [{ id: contactId }],
    ticket_attributes: {
      _default_title_: cutTo(String(title), NAME_LENGTH_MAX),
      _default_description_: description,
      ...fieldsWithin(TICKET_CUSTOM, fields),
      [String(values.settings.referenceAttribute)]: deliveryId,
    },
    skip_notifications: isPublic !== true,
  });
}

export function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = {
    authorization: `Bearer ${secret('token')}`,
    accept: 'application/json',
    'intercom-version': VERSION,
  };
  return { method, url: `${settings.baseUrl}${path}`, headers, body };
}

/** Whether Intercom says that there is no such thing. Another 404 is about the address of the API. */
export function isNotFound({ status, json }: OutboundResponse): boolean {
  return status === 404 && (json as ErrorList | undefined)?.type === 'error.list';
}

/** The contact that is in the way of another one. */
export function conflictOf({ status, json }: OutboundResponse): { id: string; isArchived: boolean } | null {
  const message = status === 409 ? (json as ErrorList | undefined)?.errors?.[0]?.message : undefined;
  const [, id] = /\bid=([\w-]+)/.exec(message ?? '') ?? [];
  return id ? { id, isArchived: /archived/i.test(message ?? '') } : null;
}

/** Refusals of a row, and what other answers mean. The end of a pause is in a header of its own. */
export function refusedOrUnsettled(response: OutboundResponse): RowResult {
  const { status, headers, json } = response;
  if (status === 429) return { result: 'quota', code: 'http_429', at: resetAt(headers) };
  const isRefusal = [400, 404, 409, 413, 422].includes(status) && (json as ErrorList | undefined)?.errors;
  if (!isRefusal) return unsettledBy(response);
  const [{ code, message } = { code: `http_${status}`, message: '' }] = (json as ErrorList).errors;
  return { result: 'rejected', code, ...(message ? { detail: message.slice(0, 200) } : {}) };
}

export function erasureRefusedOrUnsettled(response: OutboundResponse): ErasureResult {
  const { status, headers } = response;
  if (status === 429) return { result: 'quota', code: 'http_429', at: resetAt(headers) };
  return erasureUnsettledBy(response);
}

export function resetAt(headers: OutboundResponse['headers']): Date | null {
  const seconds = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  return seconds > 0 ? new Date(seconds * 1000) : retryAfter(headers['retry-after'], new Date());
}

/** When no request is left in the window of ten seconds, the next one waits for its end. */
export function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  if (headers['x-ratelimit-remaining'] !== '0') return null;
  const at = resetAt(headers);
  return at && at > now ? at : null;
}

import type { OutboundRequest, OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import {
  ACTION_FIELDS,
  type ConnectorValues,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../../connectors/connector.js';
import { fieldsOutside, fieldsWithin, unknownFields } from '../../connectors/row-fields.js';
import { basicAuthorization, cutTo } from '../../connectors/texts.js';

const NAME_LENGTH_MAX = 255;
const BODY_LENGTH_MAX = 60_000;
/** What a mapping can write to a user, besides `user_fields.<key>`. Role, suspension and verification are not among them. */
const USER_FIELDS = new Set(
  'name email phone alias details notes locale time_zone organization_id'.split(' '),
);
export const CUSTOM = 'user_fields.';
/** What an action can add to a ticket, besides `custom_field_<id>` and `isPublic`. */
const TICKET_FIELDS = new Set('type status group_id assignee_id brand_id ticket_form_id'.split(' '));
const CUSTOM_TICKET_FIELD = /^custom_field_(\d+)$/;
const COMMON_FIELDS = new Set([...ACTION_FIELDS.createTicket.map(({ name }) => name), 'isPublic']);

/** https://developer.zendesk.com/api-reference/ticketing/users/users/ */
export interface User {
  id: number | null;
  external_id: string | null;
  email: string | null;
  role: string;
  url?: string;
  active?: boolean;
  user_fields?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Ticket {
  id: number;
  status: string;
}

export interface Identity {
  id: number;
  type: string;
  value: string;
}

/** A refusal. https://developer.zendesk.com/documentation/api-basics/best-practices/ */
export interface Refusal {
  error?: unknown;
  details?: Record<string, { error?: string }[]>;
}

/** Refuses fields of a mapping that are not written. */
export function unknownUserFields(fields: Fields): RowResult | null {
  return unknownFields(fields, (name) => USER_FIELDS.has(name) || name.startsWith(CUSTOM));
}

/** Refuses fields of an action that are not written. */
export function unknownTicketFields(fields: Fields): RowResult | null {
  const isStandard = (name: string) => COMMON_FIELDS.has(name) || TICKET_FIELDS.has(name);
  return unknownFields(fields, (name) => isStandard(name) || CUSTOM_TICKET_FIELD.test(name));
}

/** Asks for the users that have our ids. */
export function usersByOurIds(rows: readonly OutgoingRow[], values: ConnectorValues) {
  const ids = rows.map(({ person }) => person.customerId).join(',');
  return requestTo(values, 'GET', `/users/show_many?external_ids=${ids}`);
}

/** Zendesk compares external ids without case. */
export function byOurId({ json }: OutboundResponse): Map<string, User> {
  const { users } = json as { users: User[] };
  return new Map(users.map((user) => [String(user.external_id).toLowerCase(), user]));
}

/** The fields of a user as a mapping names them. */
export function fieldsOf({ user_fields: custom = {}, ...user }: User): Fields {
  const standard = Object.entries(user).filter(([name]) => USER_FIELDS.has(name));
  const named = Object.entries(custom).map(([name, value]) => [`${CUSTOM}${name}`, value]);
  return Object.fromEntries([...standard, ...named]) as Fields;
}

/** The address that a new user gets. */
export function emailOf({ fields, person }: OutgoingRow): string {
  return typeof fields.email === 'string' ? fields.email : person.email;
}

/** Creates a user, or updates one. An update leaves the address out: it would be added as a further one. */
export function userOf(row: OutgoingRow, userId: string | null, values: ConnectorValues) {
  const { email: _address, ...written } = fieldsOutside(CUSTOM, row.fields);
  const custom = fieldsWithin(CUSTOM, row.fields);
  const name = written.name ?? (userId ? undefined : row.person.name || emailOf(row));
  const user = {
    ...written,
    ...(name === undefined ? {} : { name: cutTo(String(name), NAME_LENGTH_MAX) }),
    ...(userId ? {} : { email: emailOf(row), skip_verify_email: true }),
    external_id: row.person.customerId,
    ...(Object.keys(custom).length > 0 ? { user_fields: custom } : {}),
  };
  return userId
    ? requestTo(values, 'PUT', `/users/${userId}`, { user })
    : requestTo(values, 'POST', '/users', { user });
}

/** A ticket is a note for the team, so that the person gets no mail about it, unless the action says otherwise. */
export function ticketOf({ deliveryId, person, foreignId, fields }: OutgoingRow, values: ConnectorValues) {
  const custom = Object.entries(fields).flatMap(([name, value]) => {
    const [, id] = CUSTOM_TICKET_FIELD.exec(name) ?? [];
    return id ? [{ id: Number(id), value }] : [];
  });
  const ticket = {
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => TICKET_FIELDS.has(name))),
    subject: cutTo(String(fields.title), NAME_LENGTH_MAX),
    comment: { body: cutTo(String(fields.body), BODY_LENGTH_MAX), public: fields.isPublic === true },
    ...(foreignId
      ? { requester_id: Number(foreignId) }
      : { requester: { name: cutTo(person.name || person.email, NAME_LENGTH_MAX), email: person.email } }),
    ...(fields.priority ? { priority: fields.priority } : {}),
    ...(fields.tags ? { tags: tagsOf(String(fields.tags)) } : {}),
    ...(custom.length > 0 ? { custom_fields: custom } : {}),
    external_id: deliveryId,
  };
  return requestTo(values, 'POST', '/tickets', { ticket }, { 'idempotency-key': deliveryId });
}

export function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const authorization = basicAuthorization(`${settings.email}/token`, secret('token'));
  const url = `${settings.baseUrl}/api/v2${path}`;
  return { method, url, headers: { authorization, ...headers }, body };
}

/** When no request is left in the minute, the next one waits for its end. */
export function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  if (headers['x-rate-limit-remaining'] !== '0') return null;
  const seconds = Number(headers['ratelimit-reset'] ?? 60);
  return new Date(now.getTime() + (seconds > 0 ? seconds : 60) * 1000);
}

/** Tags of Zendesk have no spaces. */
function tagsOf(tags: string): string[] {
  return tags
    .split(',')
    .map((tag) => tag.trim().toLowerCase().replaceAll(/\s+/g, '_'))
    .filter((tag) => tag !== '');
}

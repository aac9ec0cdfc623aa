import type { OutboundRequest, OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import {
  ACTION_FIELDS,
  type ConnectorValues,
  type Fields,
  type OutgoingRow,
  type RowResult,
} from '../../connectors/connector.js';
import { fieldsOutside, fieldsWithin, unknownFields } from '../../connectors/row-fields.js';

/** What a mapping can write to a user, besides `cf.<name>`, with the most bytes that RT keeps. */
const USER_FIELDS: Readonly<Record<string, number>> = {
  EmailAddress: 120,
  RealName: 120,
  NickName: 16,
  Organization: 200,
  MobilePhone: 30,
  WorkPhone: 30,
  Address1: 200,
  Address2: 200,
  City: 100,
  State: 100,
  Zip: 16,
  Country: 50,
  Timezone: 50,
};
export const CUSTOM = 'cf.';
/** The name that our id has among the fields of a user. */
export const OUR_ID = '(our id)';
const COMMON_FIELDS = ACTION_FIELDS.createTicket.map(({ name }) => name);
/** What an action can add to a ticket, besides `cf.<name>`. */
const TICKET_FIELDS = new Set([...COMMON_FIELDS, 'queue', 'owner']);
const ELLIPSIS = '…';
const SUBJECT_BYTES_MAX = 200;
const BODY_BYTES_MAX = 100_000;
const PRIORITIES: Readonly<Record<string, number>> = { low: 0, normal: 50, high: 100, urgent: 100 };

interface CustomField {
  name: string;
  values: string[];
}

/** A record of RT; in the answers of searches, the id of a user is its name. */
export interface Found {
  id: string | number;
  CustomFields?: CustomField[];
  [field: string]: unknown;
}

/** Refuses fields of a mapping that are not written. */
export function unknownUserFields(fields: Fields): RowResult | null {
  return unknownFields(fields, (name) => Boolean(USER_FIELDS[name]) || name.startsWith(CUSTOM));
}

/** Refuses fields of an action that are not written. */
export function unknownTicketFields(fields: Fields): RowResult | null {
  return unknownFields(fields, (name) => TICKET_FIELDS.has(name) || name.startsWith(CUSTOM));
}

/** A new user is named by the address, as RT does it for requestors. */
export function userOf(row: OutgoingRow, userId: string | null, values: ConnectorValues) {
  const fields = cutFields(row.fields);
  const email = emailOf(row);
  const user = {
    ...(userId ? {} : { Name: email, EmailAddress: email, Privileged: 0 }),
    ...fieldsOutside(CUSTOM, fields),
    CustomFields: {
      ...fieldsWithin(CUSTOM, fields),
      [String(values.settings.customerField)]: row.person.customerId,
    },
  };
  return userId
    ? requestTo(values, 'PUT', `/user/${encodeURIComponent(userId)}`, user)
    : requestTo(values, 'POST', '/user', user);
}

export function ticketOf({ deliveryId, person, fields }: OutgoingRow, values: ConnectorValues) {
  const { title, body, priority, tags, queue, owner } = fields;
  const content = [cutToBytes(String(body), BODY_BYTES_MAX), ...(tags ? [`Tags: ${tags}`] : [])].join('\n\n');
  return requestTo(values, 'POST', '/ticket', {
    Queue: String(queue ?? values.settings.queue),
    Subject: cutToBytes(String(title).replaceAll(/\s+/g, ' '), SUBJECT_BYTES_MAX),
    ...(values.settings.isRequestor === false ? {} : { Requestor: person.email }),
    ...(owner ? { Owner: String(owner) } : {}),
    ...(priority ? { Priority: PRIORITIES[String(priority)] ?? 0 } : {}),
    Content: content,
    ContentType: 'text/plain',
    CustomFields: { ...fieldsWithin(CUSTOM, fields), [String(values.settings.referenceField)]: deliveryId },
  });
}

/** RT cuts longer texts silently, and counts bytes. A character is never torn. */
function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const cut = Buffer.from(text).subarray(0, bytes - Buffer.byteLength(ELLIPSIS));
  return `${cut.toString().replace(/\uFFFD+$/, '')}${ELLIPSIS}`;
}

/** The fields as RT keeps them. */
export function cutFields(fields: Fields): Fields {
  const cut = Object.entries(fields).map(([name, value]) => {
    const length = USER_FIELDS[name];
    return [name, length && typeof value === 'string' ? cutToBytes(value.trim(), length) : value] as const;
  });
  return Object.fromEntries(cut);
}

export function fieldsOf(user: Found): Fields {
  const standard = Object.entries(user).filter(([name]) => USER_FIELDS[name]);
  const custom = (user.CustomFields ?? []).map(({ name, values: [value] }) => [`${CUSTOM}${name}`, value]);
  return Object.fromEntries([...standard, ...custom]) as Fields;
}

export function valueOf({ CustomFields: fields = [] }: Found, name: string): string | null {
  return fields.find((field) => field.name === name)?.values[0] ?? null;
}

export function emailOf({ fields, person }: OutgoingRow): string {
  return typeof fields.EmailAddress === 'string' ? fields.EmailAddress : person.email;
}

export function itemsOf({ json }: OutboundResponse): Found[] {
  return (json as { items: Found[] }).items;
}

export function messageOf({ json }: OutboundResponse): string | null {
  const message = (json as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : null;
}

export function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: `token ${secret('token')}`, accept: 'application/json' };
  return { method, url: `${settings.baseUrl}/REST/2.0${path}`, headers, body };
}

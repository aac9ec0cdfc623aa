import type { OutboundRequest } from '../../../platform/outbound/outbound-http.service.js';
import type { ConnectorValues, Fields, OutgoingRow } from '../../connectors/connector.js';
import { fieldsOutside, fieldsWithin } from '../../connectors/row-fields.js';
import { htmlOf } from '../../connectors/texts.js';

/** Planhat takes an external id with this prefix wherever it takes an id of its own, except for deletion. */
export const OWN_KEY = 'extid-';
export const CUSTOM = 'custom.';
const COMPANY = 'company.';

/** Fields of a task that an action may give besides the common ones. */
const TASK_FIELDS = new Set(['ownerId', 'type', 'status']);

/** A record of a bulk request, with the id that the answer names it by. */
export type BulkItem = Readonly<Record<string, unknown>> & ({ externalId: string } | { sourceId: string });

/** Whether the contact and its company are those that we made. */
export function isOurs({ foreignId }: OutgoingRow): boolean {
  return foreignId === null || foreignId.startsWith(OWN_KEY);
}

/** Creates or changes a contact. Only a new one is put into a company, so that people can move it. */
export function contactFor(row: OutgoingRow): BulkItem {
  const { person, foreignId, fields } = row;
  const contact = { ...recordOf(fieldsOutside(COMPANY, fields)), externalId: person.customerId };
  if (!isOurs(row)) return { ...contact, _id: foreignId };
  if (foreignId) return contact;
  return { email: person.email, ...contact, companyId: OWN_KEY + person.customerId };
}

/** Creates or changes the company; null if there is nothing to write. */
export function companyFor(row: OutgoingRow): BulkItem | null {
  const { person, foreignId, fields } = row;
  const own = recordOf(fieldsWithin(COMPANY, fields));
  const isEmpty = Object.keys(own).length === 0;
  if (!isOurs(row) || (foreignId && isEmpty)) return null;
  const name = foreignId ? {} : { name: person.name ?? person.email };
  return { ...name, ...own, externalId: person.customerId };
}

/** Creates a task, or changes the one with the same source id. */
export function taskFor({ deliveryId, fields }: OutgoingRow, companyId: string): BulkItem {
  const { title, body, dueAt } = fields;
  const further = Object.entries(fields).filter(([name]) => TASK_FIELDS.has(name));
  return {
    sourceId: deliveryId,
    mainType: 'task',
    companyId,
    action: title,
    ...(body ? { description: htmlOf(String(body)) } : {}),
    ...(dueAt ? { startTime: dueAt } : {}),
    ...Object.fromEntries(further),
  };
}

/** An activity of the contact. */
export function eventFor({ person, event }: OutgoingRow, { settings, secret }: ConnectorValues) {
  return {
    method: 'POST',
    url: `${settings.analyticsUrl}/analytics/${secret('tenantToken')}`,
    headers: {},
    body: {
      externalId: person.customerId,
      action: event?.type,
      info: event?.data,
      date: event?.occurredAt.toISOString(),
    },
  } as const;
}

export function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: `Bearer ${secret('token')}` };
  return { method, url: `${settings.baseUrl}${path}`, headers, body };
}

function recordOf(fields: Fields): Record<string, unknown> {
  const custom = fieldsWithin(CUSTOM, fields);
  return { ...fieldsOutside(CUSTOM, fields), ...(Object.keys(custom).length > 0 ? { custom } : {}) };
}

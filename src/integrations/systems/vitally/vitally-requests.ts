import type { OutboundRequest } from '../../../platform/outbound/outbound-http.service.js';
import type { ConnectorValues, OutgoingRow } from '../../connectors/connector.js';
import { fieldsOutside, fieldsWithin } from '../../connectors/row-fields.js';
import { basicAuthorization, htmlOf } from '../../connectors/texts.js';

/** The trait of users that holds our id. An external id cannot be written to a user that exists. */
export const KEY = 'mingusCustomerId';
export const ACCOUNT = 'account.';
export const TRAITS = 'traits.';

/** Fields of a task that an action may give besides the common ones. */
const TASK_FIELDS = new Set(['assignedToId', 'categoryId']);

/** Changes the user with the remembered id, or creates one in the account. */
export function userFor(row: OutgoingRow, accountId: string | null, values: ConnectorValues) {
  const { person, foreignId, fields } = row;
  const own = fieldsOutside(ACCOUNT, fields);
  const body = {
    ...fieldsOutside(TRAITS, own),
    traits: { ...fieldsWithin(TRAITS, own), [KEY]: person.customerId },
  };
  if (foreignId) return requestTo(values, 'PUT', `/users/${encodeURIComponent(foreignId)}`, body);
  const made = { name: person.name ?? person.email, email: person.email, ...body };
  return requestTo(values, 'POST', '/users', {
    externalId: person.customerId,
    accountIds: [accountId],
    ...made,
  });
}

/** Changes the account with the id, or creates one. */
export function accountFor({ person, fields }: OutgoingRow, id: string | null, values: ConnectorValues) {
  const own = fieldsWithin(ACCOUNT, fields);
  const body = { ...fieldsOutside(TRAITS, own), traits: fieldsWithin(TRAITS, own) };
  if (id) return requestTo(values, 'PUT', `/accounts/${encodeURIComponent(id)}`, body);
  const made = { externalId: person.customerId, name: person.name ?? person.email, ...body };
  return requestTo(values, 'POST', '/accounts', made);
}

/** Tasks are unique by their external id: a second one with the same id changes the first. */
export function taskFor({ deliveryId, fields }: OutgoingRow, accountId: string, values: ConnectorValues) {
  const { title, body, dueAt } = fields;
  const further = Object.entries(fields).filter(([name]) => TASK_FIELDS.has(name));
  return requestTo(values, 'POST', '/tasks', {
    externalId: deliveryId,
    accountId,
    name: title,
    ...(body ? { description: htmlOf(String(body)) } : {}),
    ...(dueAt ? { dueDate: dueAt } : {}),
    ...Object.fromEntries(further),
  });
}

/** https://docs.vitally.io/en/articles/9874149-vitally-s-https-analytics-api-track */
export function eventFor(
  { deliveryId, event }: OutgoingRow,
  userId: string,
  { settings, secret }: ConnectorValues,
) {
  return {
    method: 'POST',
    url: `${settings.analyticsUrl}/analytics/v1/track`,
    headers: { authorization: `Basic ${secret('analyticsToken')}` },
    body: {
      userId,
      event: event?.type,
      properties: event?.data,
      messageId: deliveryId,
      timestamp: event?.occurredAt.toISOString(),
    },
  } as const;
}

/** @param path below the resources */
export function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: basicAuthorization(secret('apiKey'), '') };
  return { method, url: `${settings.baseUrl}/resources${path}`, headers, body };
}

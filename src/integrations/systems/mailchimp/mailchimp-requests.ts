import { createHash } from 'node:crypto';
import type { OutboundRequest } from '../../../platform/outbound/outbound-http.service.js';
import type { ConnectorValues, Fields, OutgoingRow } from '../../connectors/connector.js';
import { basicAuthorization, cutTo } from '../../connectors/texts.js';

/** The merge tag that holds our id. Tags have at most ten characters. */
export const KEY = 'MINGUSID';
export const ADDRESS = 'email_address';
export const TAGS = 'tags';
const TEXT_MAX = 255;

/** The request that a row ends with. */
export function requestFor(row: OutgoingRow, values: ConnectorValues) {
  const { kind, person, event, fields, foreignId } = row;
  if (kind === 'startJourney') {
    const [journey, step] = String(fields.journey).split('/').map(encodeURIComponent);
    const url = `${baseOf(values)}/customer-journeys/journeys/${journey}/steps/${step}/actions/trigger`;
    return { ...requestTo(values, 'POST', '', { email_address: person.email }), url };
  }
  if (kind === 'trackEvent') {
    const texts = Object.entries(event?.data ?? {}).map(([name, value]) => [name, String(value)]);
    return requestTo(values, 'POST', `${memberOf(row)}/events`, {
      name: event?.type.replaceAll('.', '_'),
      properties: { ...Object.fromEntries(texts), delivery_id: row.deliveryId },
      occurred_at: event?.occurredAt.toISOString(),
    });
  }
  const merged = Object.entries(fields).filter(([name]) => isMergeTag(name));
  const merge_fields = Object.fromEntries(merged.map(([tag, value]) => [tag, fitting(value)]));
  const member = {
    email_address: person.email,
    merge_fields: { ...merge_fields, [KEY]: person.customerId },
  };
  if (foreignId) return requestTo(values, 'PATCH', memberOf(row), member);
  const { statusIfNew: status_if_new } = values.settings;
  return requestTo(values, 'PUT', memberOf(row), { ...member, status_if_new });
}

function fitting(value: Fields[string]): string | number {
  if (typeof value === 'number') return value;
  return cutTo(String(value ?? ''), TEXT_MAX);
}

export function isMergeTag(field: string): boolean {
  return field !== ADDRESS && field !== TAGS;
}

export function memberOf({ person, foreignId }: OutgoingRow): string {
  return `/members/${foreignId ?? hashOf(person.email)}`;
}

export function hashOf(address: string): string {
  return createHash('md5').update(address.toLowerCase()).digest('hex');
}

/** @param path below the audience */
export function requestTo(
  values: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: basicAuthorization('mingus', values.secret('apiKey')) };
  const url = `${baseOf(values)}/lists/${encodeURIComponent(String(values.settings.audienceId))}${path}`;
  return { method, url, headers, body };
}

export function baseOf({ settings, secret }: ConnectorValues): string {
  const [, dataCenter] = /-([a-z]+\d+)$/.exec(secret('apiKey')) ?? [];
  return String(settings.baseUrl).replace('{dc}', dataCenter ?? '{dc}');
}

import type { OutboundRequest, OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import type { ConnectorValues } from '../../connectors/connector.js';

/** The custom property of contacts that holds our id. It must have unique values. */
export const KEY = 'mingus_customer_id';
export const CONTACTS = '/crm/v3/objects/contacts';
export const TASKS = '/crm/v3/objects/tasks';

/** A contact as HubSpot answers it. */
export interface Contact {
  id: string;
  properties: Record<string, string | null>;
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

/** When no request is left in the interval, the next one waits for its end. */
export function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  const remaining = Number(headers['x-hubspot-ratelimit-remaining'] ?? Number.NaN);
  const intervalMs = Number(headers['x-hubspot-ratelimit-interval-milliseconds'] ?? Number.NaN);
  return remaining === 0 && intervalMs > 0 ? new Date(now.getTime() + intervalMs) : null;
}

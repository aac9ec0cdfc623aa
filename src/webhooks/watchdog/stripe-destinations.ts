import type Stripe from 'stripe';
import { coverageOf, type Destination } from './endpoint-coverage.js';
import type { Finding } from './watchdog-check.js';

const PER_PAGE = 100;

/**
 * Whether Stripe delivers all of these types to a URL.
 * @param types of snapshot events
 * @throws the error of Stripe
 */
export async function coverageIn(sdk: Stripe, url: string, types: readonly string[]): Promise<Finding> {
  const endpoints = await webhookEndpoints(sdk);
  const finding = coverageOf(url, endpoints, types);
  if (finding.state === 'ok') return finding;
  // Event destinations are read only if needed, because a key may have no permission for them.
  return coverageOf(url, [...endpoints, ...(await eventDestinations(sdk))], types);
}

async function webhookEndpoints(sdk: Stripe): Promise<Destination[]> {
  const found: Destination[] = [];
  for await (const { url, status, enabled_events: types } of sdk.webhookEndpoints.list({ limit: PER_PAGE })) {
    found.push({ url, enabled: status === 'enabled', types });
  }
  return found;
}

async function eventDestinations(sdk: Stripe): Promise<Destination[]> {
  const found: Destination[] = [];
  const pages = sdk.v2.core.eventDestinations.list({ limit: PER_PAGE, include: ['webhook_endpoint.url'] });
  for await (const { webhook_endpoint: endpoint, status, enabled_events: types } of pages) {
    found.push({ url: endpoint?.url, enabled: status === 'enabled', types });
  }
  return found;
}

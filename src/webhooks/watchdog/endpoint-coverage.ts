import type { Finding } from './watchdog-check.js';

/** A destination of Stripe's events: a webhook endpoint, or an event destination for thin events. */
export interface Destination {
  url: string | undefined;
  enabled: boolean;
  types: readonly string[];
}

/**
 * Whether the enabled destinations deliver all of these types to the URL, each as a snapshot or thin event.
 * @param types of snapshot events
 */
export function coverageOf(
  url: string,
  destinations: readonly Destination[],
  types: readonly string[],
): Finding {
  const ours = destinations.filter((destination) => destination.url?.replace(/\/+$/, '') === url);
  if (ours.length === 0) return warning(`No endpoint in Stripe delivers to ${url}`);
  const enabled = ours.filter((destination) => destination.enabled);
  if (enabled.length === 0) return warning(`The endpoint ${url} is disabled in Stripe`);
  const delivered = new Set(enabled.flatMap((destination) => destination.types));
  const missing = types.filter(
    (type) => !delivered.has('*') && !delivered.has(type) && !delivered.has(`v1.${type}`),
  );
  if (missing.length > 0) return warning(`The endpoint is not subscribed to ${missing.join(', ')}`);
  return { state: 'ok', detail: 'Enabled and subscribed to all types that are handled' };
}

function warning(detail: string): Finding {
  return { state: 'warning', detail };
}

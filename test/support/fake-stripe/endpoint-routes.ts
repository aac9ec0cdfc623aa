import { handledTypes } from '../../../src/cli/doctor/handled-types.js';
import { listPage } from './list-page.js';
import type { NewestFirst } from './newest-first.js';
import { answered, type FakeRequest, type Reply, resourceMissing, type Route } from './route.js';

/** A webhook endpoint; thin events come from an event destination instead. */
export interface FakeEndpoint {
  id: string;
  created: number;
  url: string;
  status: 'enabled' | 'disabled';
  enabled_events: string[];
  payload: 'snapshot' | 'thin';
}

let endpoints = 0;

/** An enabled endpoint, subscribed to the event types that the service handles. */
export function anEndpoint(url: string, fields: Partial<FakeEndpoint> = {}): FakeEndpoint {
  endpoints += 1;
  return {
    id: `we_${endpoints}`,
    created: endpoints,
    url,
    status: 'enabled',
    enabled_events: handledTypes(),
    payload: 'snapshot',
    ...fields,
  };
}

/** https://docs.stripe.com/api/webhook_endpoints and https://docs.stripe.com/api/v2/core/event-destinations */
export function endpointRoutes(all: NewestFirst<FakeEndpoint>): Route[] {
  const isSnapshot = ({ payload }: FakeEndpoint) => payload === 'snapshot';
  return [
    {
      method: 'GET',
      path: /^\/v1\/webhook_endpoints$/,
      answer: (request) => listPage('webhook_endpoint', all, request, isSnapshot),
    },
    {
      method: 'GET',
      path: /^\/v1\/webhook_endpoints\/(\w+)$/,
      answer({ params: [id = ''] }) {
        const endpoint = all.get(id);
        return endpoint && isSnapshot(endpoint)
          ? answered(endpoint)
          : resourceMissing('webhook_endpoint', id);
      },
    },
    {
      method: 'GET',
      path: /^\/v2\/core\/event_destinations$/,
      answer: (request) => destinationsPage(all.all(), request),
    },
  ];
}

/**
 * A page of version 2 of the API, with the URL of the next page. The URL of a destination is only included on
 * request.
 */
function destinationsPage(all: readonly FakeEndpoint[], { path, query }: FakeRequest): Reply {
  const limit = Number(query.get('limit') ?? 20);
  const start = Number(query.get('page') ?? 0);
  const hasUrl = [...query.values()].includes('webhook_endpoint.url');
  const data = all.slice(start, start + limit).map(({ url, payload, ...endpoint }) => ({
    ...endpoint,
    object: 'v2.core.event_destination',
    event_payload: payload,
    webhook_endpoint: hasUrl ? { url } : {},
  }));
  const next = new URLSearchParams([...query, ['page', String(start + limit)]]);
  const isLast = start + limit >= all.length;
  return answered({ data, next_page_url: isLast ? null : `${path}?${next}`, previous_page_url: null });
}

import { listPage } from './list-page.js';
import { answered, badParameter, resourceMissing, type Route } from './route.js';
import type { FakeEvent, StripeState } from './stripe-state.js';

const TYPES_MAX = 20;

/** https://docs.stripe.com/api/events: events of the last 30 days. */
export function eventRoutes(state: StripeState): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/v1\/events$/,
      answer(request) {
        const types = [...request.query]
          .filter(([name]) => /^types\[\d*\]$/.test(name))
          .map(([, type]) => type);
        if (types.length > TYPES_MAX) return badParameter('types', 'Too many types');
        const type = request.query.get('type');
        if (type !== null) types.push(type);
        const delivered = request.query.get('delivery_success');
        const matches = (event: FakeEvent) =>
          state.isKept(event) &&
          (types.length === 0 || types.includes(event.type)) &&
          (delivered === null || (event.pending_webhooks === 0) === (delivered === 'true'));
        return listPage('event', state.events, request, matches);
      },
    },
    {
      method: 'GET',
      path: /^\/v1\/events\/(\w+)$/,
      answer({ params: [id = ''] }) {
        const event = state.events.get(id);
        return event && state.isKept(event) ? answered(event) : resourceMissing('event', id);
      },
    },
  ];
}

import type { Fields } from '../builders.js';
import { answered, refused, type Route } from './route.js';

/** https://docs.stripe.com/api/v2/core/events: thin events with the data that are not delivered. */
export function coreEventRoutes(events: ReadonlyMap<string, Fields>): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/v2\/core\/events\/(\w+)$/,
      answer({ params: [id = ''] }) {
        const event = events.get(id);
        return event ? answered(event) : refused(404, { code: 'not_found', message: `No such event: ${id}` });
      },
    },
  ];
}

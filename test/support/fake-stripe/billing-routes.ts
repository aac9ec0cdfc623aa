import type { Fields } from '../builders.js';
import { asAnswered, subscriptionItemRoutes } from './subscription-items.js';
import { answered, resourceMissing, type Route } from './route.js';

/** The calls that read one object of billing. https://docs.stripe.com/api/subscriptions/retrieve and its siblings */
const PATH = /^\/v1\/(?:subscriptions|invoices|disputes|charges|checkout\/sessions)\/(\w+)$/;

/** @param objects by id; a dispute's charge is expanded where the request asks for it */
export function billingRoutes(objects: ReadonlyMap<string, Fields>): Route[] {
  return [
    {
      method: 'GET',
      path: PATH,
      answer({ params: [id = ''], query }) {
        const object = objects.get(id);
        if (!object) return resourceMissing('object', id);
        const expanded = [...query.values()].includes('charge')
          ? objects.get(String(object.charge))
          : undefined;
        return answered(asAnswered(expanded ? { ...object, charge: expanded } : object));
      },
    },
    ...subscriptionItemRoutes((id) => objects.get(id)),
  ];
}

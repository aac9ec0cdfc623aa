import type { Listed, NewestFirst } from './newest-first.js';
import { answered, badParameter, type FakeRequest, type Reply, resourceMissing } from './route.js';

const LIMIT_MAX = 100;

/** A page of a list, as https://docs.stripe.com/api/pagination describes it. */
export function listPage<T extends Listed>(
  kind: string,
  objects: NewestFirst<T>,
  { path, query }: Pick<FakeRequest, 'path' | 'query'>,
  matches: (object: T) => boolean = () => true,
): Reply {
  const limit = Number(query.get('limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    return badParameter('limit', `Invalid limit: ${query.get('limit')}`);
  }
  const after = query.get('starting_after');
  const start = after === null ? 0 : objects.indexOf(after) + 1;
  if (after !== null && start === 0) return resourceMissing(kind, after, 'starting_after');
  const found: T[] = [];
  const all = objects.all();
  for (let i = start; i < all.length && found.length <= limit; i += 1) {
    const object = all[i] as T;
    if (isWithin(object.created, query) && matches(object)) found.push(object);
  }
  const data = found.slice(0, limit);
  return answered({ object: 'list', url: path, has_more: found.length > limit, data });
}

/** Checks `created=…`, `created[gte]=…` and the other operators. */
function isWithin(created: number, query: URLSearchParams): boolean {
  const bound = (name: string) => {
    const value = query.get(name);
    return value === null ? null : Number(value);
  };
  const [equal, gte, gt] = [bound('created'), bound('created[gte]'), bound('created[gt]')];
  const [lte, lt] = [bound('created[lte]'), bound('created[lt]')];
  return (
    (equal === null || created === equal) &&
    (gte === null || created >= gte) &&
    (gt === null || created > gt) &&
    (lte === null || created <= lte) &&
    (lt === null || created < lt)
  );
}

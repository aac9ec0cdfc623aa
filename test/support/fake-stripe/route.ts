import type { IncomingHttpHeaders } from 'node:http';
import type { Fields } from '../builders.js';

/** A request with what its route's path captured. */
export interface FakeRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  params: string[];
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Reply {
  status: number;
  body: unknown;
}

/** One call of the API. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  path: RegExp;
  answer(request: FakeRequest): Reply;
}

export function answered(body: unknown): Reply {
  return { status: 200, body };
}

export function refused(status: number, error: Fields): Reply {
  return { status, body: { error } };
}

/** What the API says of a parameter that it does not accept. */
export function badParameter(param: string, message: string): Reply {
  return refused(400, { type: 'invalid_request_error', param, message });
}

/** @param param which parameter named the object */
export function resourceMissing(kind: string, id: string, param = 'id'): Reply {
  const error = { type: 'invalid_request_error', code: 'resource_missing', param };
  return refused(404, { ...error, message: `No such ${kind}: '${id}'` });
}

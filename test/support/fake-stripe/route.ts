import type { IncomingHttpHeaders } from 'node:http';
import type { Fields } from '../builders.js';

/** A request with the parts captured from its path. */
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

/** The account of the call: a connected account, or null for the key's own. */
export function accountOf({ headers }: Pick<FakeRequest, 'headers'>): string | null {
  return String(headers['stripe-context'] ?? headers['stripe-account'] ?? '') || null;
}

export function answered(body: unknown): Reply {
  return { status: 200, body };
}

export function refused(status: number, error: Fields): Reply {
  return { status, body: { error } };
}

/** The error for a parameter that the API does not accept. */
export function badParameter(param: string, message: string): Reply {
  return refused(400, { type: 'invalid_request_error', param, message });
}

/** @param param the parameter that holds the object's id */
export function resourceMissing(kind: string, id: string, param = 'id'): Reply {
  const error = { type: 'invalid_request_error', code: 'resource_missing', param };
  return refused(404, { ...error, message: `No such ${kind}: '${id}'` });
}

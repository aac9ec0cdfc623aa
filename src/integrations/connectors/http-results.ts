import { retryAfter } from '../../platform/delivery/retry-after.js';
import type { OutboundFault, OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import { BatchRefused, type ConnectorHealth, type ErasureResult, type Unsettled } from './connector.js';

/**
 * What an answer other than success means in most systems: 401 and 403 are about the credential, 429 about its rate, and
 * after 503 nothing was written. A redirect, or an address without the resource or the method, is about the settings, not
 * about a row. After any other 5xx it is unknown.
 * @throws BatchRefused for any other status: the request was understood and refused
 */
export function unsettledBy({ status, headers, text }: OutboundResponse): Unsettled {
  const code = `http_${status}`;
  const at = retryAfter(headers['retry-after'], new Date());
  if (status < 400 || ABOUT_SETTINGS.has(status)) return { result: 'auth', code };
  if (status === 429) return { result: 'quota', code, at };
  if (NOTHING_WRITTEN.has(status)) return { result: 'retry', code, at };
  if (status >= 500 || status === 408) return { result: 'unknown', code };
  throw new BatchRefused(code, text.slice(0, 2000));
}

/** Two about the credential; not found, no such method, a proxy's credential, gone. */
const ABOUT_SETTINGS = new Set([401, 403, 404, 405, 407, 410]);

/** Locked, too early, being moved (HubSpot), not available. */
const NOTHING_WRITTEN = new Set([423, 425, 477, 503]);

/** What an answer other than success means for an erasure. A request that was understood and refused is a refusal. */
export function erasureUnsettledBy(response: OutboundResponse): ErasureResult {
  try {
    return unsettledBy(response);
  } catch (error) {
    if (!(error instanceof BatchRefused)) throw error;
    return { receipt: 'refused', code: error.code };
  }
}

/** A read whose outcome is unknown has written nothing. */
export function asRead(result: Unsettled): Unsettled {
  return result.result === 'unknown' ? { result: 'retry', code: result.code } : result;
}

/** What a missing answer means. */
export function unsettledByFault({ code, mayHaveArrived, freeAt }: OutboundFault): Unsettled {
  if (freeAt) return { result: 'quota', code, at: freeAt };
  return { result: mayHaveArrived ? 'unknown' : 'retry', code };
}

export function isSuccess({ status }: OutboundResponse): boolean {
  return status >= 200 && status < 300;
}

/** A success that is not what the system documents. */
export const NOT_IN_ANSWER = { result: 'unknown', code: 'not_in_answer' } as const;

/** Whether a success was given by something else than the system, such as a web page. An empty answer, or `OK`, is none. */
export function isFromElsewhere({ json, text }: OutboundResponse): boolean {
  return json === undefined && !/^\s*(ok)?\s*$/i.test(text);
}

/** How many requests are left, by the headers of an answer with these names; null if they do not say it. */
export function quotaIn(
  { headers }: OutboundResponse,
  limitName: string,
  remainingName: string,
  resetsAt: Date | null = null,
): ConnectorHealth['quota'] {
  // Vitally says its window behind the limit: `1000, 1000;window=60`.
  const limit = Number.parseInt(headers[limitName] ?? '', 10);
  return limit > 0 ? { limit, remaining: Number(headers[remainingName]), resetsAt } : null;
}

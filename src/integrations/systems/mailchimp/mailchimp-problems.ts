import { retryAfter } from '../../../platform/delivery/retry-after.js';
import type { OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import { type ErasureResult, ReadFailed, type RowResult } from '../../connectors/connector.js';
import { asRead, erasureUnsettledBy, unsettledBy } from '../../connectors/http-results.js';
import { assertRead } from '../../connectors/row-results.js';
import { withoutAddresses } from '../../connectors/texts.js';

/** RFC 7807, with the faults of single fields. https://mailchimp.com/developer/marketing/docs/errors/ */
interface Problem {
  title?: string;
  detail?: string;
  errors?: { field?: string; message?: string }[];
}

/** Its gateway refuses too many connections with 403 and a page, where the API answers with a problem in JSON. */
export function isThrottle({ status, json }: OutboundResponse): boolean {
  return status === 403 && (json as Problem | undefined)?.title === undefined;
}

/**
 * What an answer of Mailchimp other than success means. Its problems name addresses, which are taken out.
 * @param access after a failed read, nothing was written
 * @throws BatchRefused as `unsettledBy` does
 */
export function unsettledByMailchimp(
  response: OutboundResponse,
  access: 'read' | 'write' = 'write',
): RowResult {
  const { status, json } = response;
  if (isThrottle(response)) return throttledBy(response);
  const { title, detail = '', errors = [] } = (json as Problem | undefined) ?? {};
  if (status === 400 && title) {
    const faults = errors.map(({ field, message }) => `${field}: ${message}`);
    const text = withoutAddresses([detail, ...faults].join(' ')).slice(0, 300);
    return { result: 'rejected', code: title.toLowerCase().replaceAll(/\W+/g, '_'), detail: text };
  }
  const result = unsettledBy({ ...response, text: withoutAddresses(response.text) });
  return access === 'read' ? asRead(result) : result;
}

/** The same for an erasure. */
export function erasureUnsettledByMailchimp(response: OutboundResponse): ErasureResult {
  return isThrottle(response) ? throttledBy(response) : erasureUnsettledBy(response);
}

/** As `assertRead`. @throws ReadFailed */
export function assertReadByMailchimp(response: OutboundResponse): void {
  if (isThrottle(response)) throw new ReadFailed(throttledBy(response));
  assertRead(response);
}

function throttledBy({ headers }: OutboundResponse) {
  return { result: 'quota', code: 'http_403', at: retryAfter(headers['retry-after'], new Date()) } as const;
}

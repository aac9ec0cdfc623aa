import type { OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import { BatchRefused, type ErasureResult } from './connector.js';
import { unsettledBy } from './http-results.js';

/** What an answer other than success means for an erasure. A request that was understood and refused is a refusal. */
export function erasureUnsettledBy(response: OutboundResponse): ErasureResult {
  try {
    return unsettledBy(response);
  } catch (error) {
    if (!(error instanceof BatchRefused)) throw error;
    return { receipt: 'refused', code: error.code };
  }
}

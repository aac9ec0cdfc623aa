import type { EventResult } from '../inbox/event-result.js';
import type { EventOutcome } from '../stripe/event-outcome.js';
import { isOurOwn } from '../stripe/own-event.js';
import { NO_CUSTOMER } from './drift-detector.service.js';
import type { Found } from './found.js';
import type { FindingResult } from './reconciliation-finding.entity.js';

/** The result of a difference. */
export interface Settled {
  found: Found;
  /** Null: the difference is gone, because another process repaired it. */
  result: FindingResult | null;
  reason: string | null;
  outcome: EventOutcome | null;
}

/** @param result of the event that repairs the difference, if there is one */
export function toSettled(found: Found, result: EventResult | undefined, dryRun: boolean): Settled {
  if (!found.received) {
    const isReported = found.kind === 'extra';
    return { found, result: isReported ? 'reported' : 'failed', reason: found.reason, outcome: null };
  }
  if (!result?.committed) return { found, result: 'failed', reason: 'listener_failed', outcome: null };
  const { outcome, code: reason } = result;
  if (outcome === 'redelivered') return { found, result: null, reason: null, outcome: null };
  if (NO_CUSTOMER.has(outcome)) return { found, result: 'unmatched', reason, outcome };
  const isNews = !isOurOwn(found.received) || (outcome !== 'stale' && outcome !== 'duplicate');
  const success = dryRun ? 'reported' : 'repaired';
  return { found, result: isNews ? success : null, reason: null, outcome };
}

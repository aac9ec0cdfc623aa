import type { ReceivedEvent } from '../stripe/received-event.js';
import type { FindingKind } from './reconciliation-finding.entity.js';

/** A difference, with the event that repairs it. */
export interface Found {
  kind: FindingKind;
  stripeCustomerId: string | null;
  /** The subscription, invoice or dispute that differs; null if the customer itself or an event does. */
  stripeObjectId: string | null;
  /** Null if no event can repair the difference; `reason` holds the cause. */
  received: ReceivedEvent | null;
  reason: string | null;
  fields: string[];
  /**
   * Whether the stored event is still open. It then counts as a finding only if it gets a final outcome now.
   */
  isOpen: boolean;
}

/** An object that is not stored. */
export function missing(stripeCustomerId: string | null, received: ReceivedEvent | null): Found {
  return {
    kind: 'missing',
    stripeCustomerId,
    stripeObjectId: null,
    received,
    reason: null,
    fields: [],
    isOpen: false,
  };
}

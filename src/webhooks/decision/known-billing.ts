import type { BillingStanding, StoredRevenue } from '../../events/billing-standing.js';

/** The stored subscriptions and payments of a customer. */
export interface KnownBilling {
  standing: BillingStanding;
  revenue: StoredRevenue;
  /** Null where the customer has no lifecycle. */
  stage: string | null;
  /** The states of the objects that the events are about, by Stripe's id. */
  objects: ReadonlyMap<string, StoredState>;
}

/** The stored state of a subscription, an invoice or a dispute. */
export interface StoredState {
  /** As it was translated; times are ISO 8601. */
  reported: object;
  status: string;
  stateAt: Date;
  /** The type of the event with this state, or `api` if it was fetched. */
  stateToldBy: string;
}

export const NOTHING_BILLED: KnownBilling = {
  standing: { subscriptions: [], failedInvoices: [], openDisputes: [], firstPaidAt: null },
  revenue: { revision: 0, mrr: {} },
  stage: null,
  objects: new Map(),
};

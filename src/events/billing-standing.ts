import type { StripeSubscription } from './stripe-subscription.js';

/** All that the stage of a customer depends on. It is a set: the order in which its parts arrive does not matter. */
export interface BillingStanding {
  subscriptions: readonly StripeSubscription[];
  /** Ids of invoices whose payment failed and that are not paid yet. */
  failedInvoices: readonly string[];
  /** Ids of disputes that are not decided yet. */
  openDisputes: readonly string[];
  /** When the customer first paid more than nothing (ISO 8601); null while they never did. */
  firstPaidAt: string | null;
}

/** Whose subscriptions and payments they are. */
export interface BilledCustomer {
  /** Our id. */
  customerId: string;
  stripeCustomerId: string;
}

/** What was stored about a customer who is gone now. */
export interface LastStanding {
  stage: string;
  revenue: Readonly<StoredRevenue>;
}

/** The revenue of a customer as stored. */
export interface StoredRevenue {
  /** Counts the changes of the customer's standing; 0 before the first. Of two writers at once one is refused by it. */
  revision: number;
  /** Monthly recurring revenue in minor units, by currency. A currency that the customer ever paid in stays, with 0. */
  mrr: Readonly<Record<string, number>>;
}

/** A customer's standing before and after a change, with what is stored about it. */
export interface StandingChange {
  before: BillingStanding;
  after: BillingStanding;
  /** The stage that is stored; null where the customer has no lifecycle. */
  stage: string | null;
  revenue: StoredRevenue;
}

/** A Stripe customer as received, validated and translated from Stripe's shape. Times are ISO 8601. */
export interface StripeCustomer {
  stripeCustomerId: string;
  livemode: boolean;
  email: string;
  name: string | null;
  phone: string | null;
  description: string | null;
  address: Record<string, unknown> | null;
  shipping: Record<string, unknown> | null;
  metadata: Record<string, string>;
  preferredLocales: string[];
  currency: string | null;
  /** Integer, in the currency's minor unit; negative is a credit. */
  balanceMinor: number;
  taxExempt: string | null;
  invoicePrefix: string | null;
  nextInvoiceSequence: number | null;
  invoiceSettings: Record<string, unknown> | null;
  defaultSource: string | null;
  delinquent: boolean | null;
  discount: Record<string, unknown> | null;
  testClock: string | null;
  stripeCreatedAt: string | null;
  /** Fields of the object that have no column of their own, kept as received. */
  additionalFields: Record<string, unknown>;
}

/** Changed values by field. */
export type Changes = Record<string, { before: unknown; after: unknown }>;

/** A MINGUS user, from our table or from `USERS_TABLE`. */
export interface MingusUser {
  id: string;
  email: string;
  name: string | null;
  createdAt: string;
  /** What MINGUS has reported of the user so far. */
  milestones: readonly ReportedMilestone[];
}

/** A milestone of a user, as MINGUS reported it. */
export interface ReportedMilestone {
  milestone: string;
  /** When the user reached it (ISO 8601). */
  occurredAt: string;
  /** When that was written down here (ISO 8601). */
  recordedAt: string;
}

/** How a customer was created, as shown by the event's `request`. */
export type CreationMethod = 'api' | 'dashboard_or_automatic';

/** How an event got here that Stripe did not deliver: a reconciliation found it. */
export interface EventImport {
  reconciliationId: string;
  /** Whether customers get messages because of this event. */
  notify: boolean;
}

/** The webhook event behind a fact. */
export interface EventOrigin {
  stripeEventId: string;
  type: string;
  apiVersion: string | null;
  account: string | null;
  stripeCreatedAt: string | null;
  /** The time of the object's state that the event carries (ISO 8601). */
  stateAt: string;
  /** The source of that state: the type of the event, or `api` when it was fetched. */
  stateToldBy: string;
  receivedAt: string;
  creationMethod: CreationMethod;
  requestId: string | null;
  /** Null if Stripe delivered the event. */
  imported: EventImport | null;
}

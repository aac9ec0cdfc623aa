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

/** Values that are not what they were, by field. */
export type Changes = Record<string, { before: unknown; after: unknown }>;

/** A MINGUS user, from our table or from `USERS_TABLE`. */
export interface MingusUser {
  id: string;
  email: string;
  name: string | null;
  createdAt: string;
}

/** How a customer was made, told by the event's `request`. */
export type CreationMethod = 'api' | 'dashboard_or_automatic';

/** How we came by an event that Stripe did not deliver: a reconciliation found it. */
export interface EventImport {
  reconciliationId: string;
  /** Whether people are told of what the event means for them. */
  notify: boolean;
}

/** The webhook event behind a fact. */
export interface EventOrigin {
  stripeEventId: string;
  type: string;
  apiVersion: string | null;
  account: string | null;
  stripeCreatedAt: string | null;
  /** As of when the event tells the state of its object (ISO 8601). */
  stateAt: string;
  /** Who told that state: the type of the event, or `api` when it was fetched. */
  stateToldBy: string;
  receivedAt: string;
  creationMethod: CreationMethod;
  requestId: string | null;
  /** Null when Stripe delivered it. */
  imported: EventImport | null;
}

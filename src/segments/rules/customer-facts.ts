/** What rules are evaluated on: a customer as known at one time. Times are in milliseconds since 1970. */
export interface CustomerFacts {
  customerId: string;
  /** The MINGUS user; null while the customer is unlinked. */
  userId: string | null;
  customer: CustomerFields;
  /** Null where the customer has no lifecycle. */
  lifecycle: { stage: string; enteredAt: number } | null;
  /** When each milestone was reached (ISO 8601). */
  milestones: Readonly<Record<string, string | null | undefined>>;
  /** Monthly recurring revenue in minor units, by currency. */
  mrr: Readonly<Record<string, number | undefined>>;
  /** Scores by target. Those of customers kept out of interventions are missing. */
  predictions: Readonly<Record<string, number | undefined>>;
  /** By name, newest first. Names that no rule counts may be missing. */
  events: ReadonlyMap<string, readonly EventFact[]>;
  /** The keys of the arms of the user, by experiment. */
  arms: ReadonlyMap<string, string>;
  /** Ids of segments. The caller adds each segment that it has found true, in the order of `orderSegments`. */
  memberOf: ReadonlySet<number>;
}

/** The fields of a Stripe customer that rules can be about. */
export interface CustomerFields {
  email: string;
  name: string | null;
  phone: string | null;
  address: Readonly<Record<string, unknown>> | null;
  metadata: Readonly<Record<string, unknown>>;
  preferredLocales: readonly unknown[];
  currency: string | null;
  account: string | null;
  livemode: boolean;
  delinquent: boolean | null;
  /** When Stripe created the customer; when the customer was stored here, if Stripe's time is unknown. */
  createdAt: number;
}

export interface EventFact {
  occurredAt: number;
  properties: Readonly<Record<string, unknown>>;
}

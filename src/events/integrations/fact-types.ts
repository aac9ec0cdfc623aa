/** What a value of a fact is, for people and for schemas. */
export type FactValueKind = 'text' | 'number' | 'flag' | 'texts' | 'nullable text';

/** A type of fact about a customer, as other systems get it. */
export interface FactType {
  readonly summary: string;
  /** The values of its `data`, all of which are always present. They are ids, words and amounts, and name no person. */
  readonly data: Readonly<Record<string, FactValueKind>>;
  readonly example: Readonly<Record<string, unknown>>;
  /** Whether something about the person, as other systems keep it, may have changed. */
  readonly changesPerson: boolean;
}

/** Every fact about a customer that leaves this service. A fact that is not listed stays inside. */
export const FACT_TYPES = {
  'customer.created': {
    summary: 'A customer was set up. It is the first fact of its customer, with the sequence 1.',
    data: { stripeCustomerId: 'text', imported: 'flag' },
    example: { stripeCustomerId: 'cus_Ab12Cd34', imported: false },
    changesPerson: true,
  },
  'customer.updated': {
    summary: 'Fields of the customer changed in Stripe. The fields are named; their values are not included.',
    data: { stripeCustomerId: 'text', fields: 'texts' },
    example: { stripeCustomerId: 'cus_Ab12Cd34', fields: ['email', 'name'] },
    changesPerson: true,
  },
  'customer.deleted': {
    summary: 'The customer was deleted in Stripe.',
    data: { stripeCustomerId: 'text' },
    example: { stripeCustomerId: 'cus_Ab12Cd34' },
    changesPerson: true,
  },
  'customer.erased': {
    summary: 'The person was erased. It is the last fact of its customer.',
    data: { stripeCustomerId: 'text' },
    example: { stripeCustomerId: 'cus_Ab12Cd34' },
    changesPerson: false,
  },
  'customer.linked': {
    summary: 'An operator linked the customer to a MINGUS user.',
    data: { userId: 'text' },
    example: { userId: 'user-17' },
    changesPerson: true,
  },
  'customer.unlinked': {
    summary: 'An operator unlinked the customer from its MINGUS user.',
    data: { userId: 'text' },
    example: { userId: 'user-17' },
    changesPerson: true,
  },
  'customer.stage_changed': {
    summary: 'The customer entered another lifecycle stage.',
    data: { from: 'text', to: 'text' },
    example: { from: 'trialing', to: 'active' },
    changesPerson: true,
  },
  'customer.milestone_reached': {
    summary: 'The customer reached a milestone.',
    data: { milestone: 'text' },
    example: { milestone: 'activated' },
    changesPerson: true,
  },
  'customer.segment_entered': {
    summary: 'The customer became a member of a segment.',
    data: { segment: 'text', cause: 'text' },
    example: { segment: 'trialists', cause: 'subscription.changed' },
    changesPerson: true,
  },
  'customer.segment_left': {
    summary: 'The customer is no longer a member of a segment.',
    data: { segment: 'text', cause: 'text' },
    example: { segment: 'trialists', cause: 'subscription.changed' },
    changesPerson: true,
  },
  'subscription.changed': {
    summary: 'A subscription has a newer state, or is new.',
    data: { stripeSubscriptionId: 'text', status: 'text', previousStatus: 'nullable text' },
    example: { stripeSubscriptionId: 'sub_Ab12Cd34', status: 'active', previousStatus: 'trialing' },
    changesPerson: true,
  },
  'payment.succeeded': {
    summary: 'An invoice was paid.',
    data: { stripeInvoiceId: 'text', currency: 'text', amountMinor: 'number' },
    example: { stripeInvoiceId: 'in_Ab12Cd34', currency: 'usd', amountMinor: 1900 },
    changesPerson: false,
  },
  'payment.failed': {
    summary: 'The payment of an invoice failed.',
    data: { stripeInvoiceId: 'text', currency: 'text', amountMinor: 'number' },
    example: { stripeInvoiceId: 'in_Ab12Cd34', currency: 'usd', amountMinor: 1900 },
    changesPerson: false,
  },
  'revenue.moved': {
    summary: 'The monthly recurring revenue of the customer moved in one currency.',
    data: { kind: 'text', currency: 'text', beforeMinor: 'number', afterMinor: 'number' },
    example: { kind: 'expansion', currency: 'usd', beforeMinor: 1900, afterMinor: 4900 },
    changesPerson: true,
  },
  'message.sent': {
    summary: 'A channel accepted a message to the customer.',
    data: { notificationId: 'text', kind: 'text', channel: 'text' },
    example: { notificationId: '01934f5e-7c00-7000-8000-000000000001', kind: 'welcome', channel: 'email' },
    changesPerson: false,
  },
  'message.given_up': {
    summary: 'A message to the customer will not be sent.',
    data: { notificationId: 'text', kind: 'text', channel: 'text', status: 'text', reason: 'text' },
    example: {
      notificationId: '01934f5e-7c00-7000-8000-000000000001',
      kind: 'welcome',
      channel: 'email',
      status: 'failed',
      reason: 'retries_exhausted',
    },
    changesPerson: false,
  },
} as const satisfies Record<string, FactType>;

export type FactTypeName = keyof typeof FACT_TYPES;

export const FACT_TYPE_NAMES = Object.keys(FACT_TYPES) as readonly FactTypeName[];

type ValueOf<K extends FactValueKind> = {
  text: string;
  number: number;
  flag: boolean;
  texts: readonly string[];
  'nullable text': string | null;
}[K];

/** The `data` of a type of fact. */
export type FactData<T extends FactTypeName> = {
  readonly [
    K in keyof (typeof FACT_TYPES)[T]['data']
  ]: (typeof FACT_TYPES)[T]['data'][K] extends FactValueKind
    ? ValueOf<(typeof FACT_TYPES)[T]['data'][K]>
    : never;
};

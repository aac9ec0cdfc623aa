import { createdBody, customerIdOf, updatedBody } from './event.js';
import { invoiceBody, subscriptionBody } from './life-event.js';

type DeliveryKind = 'created' | 'updated' | 'duplicate' | 'subscription' | 'invoice';

/** What the events of a kind of traffic are, in tenths. */
const MIXES = {
  /** New customers only. */
  created: { created: 10 },
  mixed: { created: 6, updated: 3, duplicate: 1 },
  /** New customers, changes of subscriptions and payments. */
  life: { created: 4, subscription: 4, invoice: 2 },
} satisfies Record<string, Partial<Record<DeliveryKind, number>>>;

export type TrafficKind = keyof typeof MIXES;

/** A request to send. */
export interface Delivery {
  kind: DeliveryKind;
  body: string;
  /** The new customer of a `created` delivery. */
  customer?: Customer;
}

interface Customer {
  key: string;
  createdAtSeconds: number;
}

/** @param now Unix seconds */
type BodyOf = (customer: Customer, now: number) => string;

const BODIES: Record<DeliveryKind, BodyOf> = {
  created: ({ key, createdAtSeconds }) => createdBody(key, createdAtSeconds),
  updated: ({ key, createdAtSeconds }, now) => updatedBody(key, createdAtSeconds, now),
  duplicate: ({ key, createdAtSeconds }) => createdBody(key, createdAtSeconds),
  subscription: ({ key, createdAtSeconds }, now) =>
    subscriptionBody(customerIdOf(key, createdAtSeconds), 1, now),
  invoice: ({ key, createdAtSeconds }, now) => invoiceBody(customerIdOf(key, createdAtSeconds), now),
};

/** Source of the requests of one measurement. */
export interface Traffic {
  /** Number of new customers, acknowledged or not. */
  readonly customers: number;
  readonly acknowledgedCustomers: number;
  next(): Delivery;
  acknowledge(delivery: Delivery): void;
}

/**
 * Creates events, each body once. An event of each other kind is about another customer whose creation was acknowledged;
 * if there is none, a new customer is created instead.
 */
export class MixedTraffic implements Traffic {
  customers = 0;
  private deliveries = 0;
  private readonly acknowledged: Customer[] = [];
  private readonly mix: DeliveryKind[];
  private readonly used: Record<DeliveryKind, number> = {
    created: 0,
    updated: 0,
    duplicate: 0,
    subscription: 0,
    invoice: 0,
  };

  /** @param keys customers are created from `<keys>-1`, `<keys>-2`, … */
  constructor(
    kind: TrafficKind,
    private readonly keys: string,
  ) {
    const parts = Object.entries(MIXES[kind]) as [DeliveryKind, number][];
    this.mix = parts.flatMap(([part, tenths]) => Array<DeliveryKind>(tenths).fill(part));
  }

  get acknowledgedCustomers(): number {
    return this.acknowledged.length;
  }

  next(): Delivery {
    const kind = this.mix[this.deliveries++ % this.mix.length] ?? 'created';
    const now = Math.floor(Date.now() / 1000);
    const customer = kind === 'created' ? undefined : this.acknowledged[this.used[kind]];
    if (!customer) return this.nextCreated(now);
    this.used[kind] += 1;
    return { kind, body: BODIES[kind](customer, now) };
  }

  acknowledge({ customer }: Delivery): void {
    if (customer) this.acknowledged.push(customer);
  }

  private nextCreated(createdAtSeconds: number): Delivery {
    this.customers += 1;
    const customer = { key: `${this.keys}-${this.customers}`, createdAtSeconds };
    return { kind: 'created', body: BODIES.created(customer, createdAtSeconds), customer };
  }
}

/** Changes of the subscriptions of stored customers: one of each customer, then the next of each, and so on. */
export class SubscriptionTraffic implements Traffic {
  readonly customers = 0;
  readonly acknowledgedCustomers = 0;
  private deliveries = 0;

  /** @param startedAt Unix seconds; each change of a customer is a second after the one before */
  constructor(
    private readonly customerIds: readonly string[],
    private readonly startedAt: number,
  ) {}

  next(): Delivery {
    const change = 1 + Math.floor(this.deliveries / this.customerIds.length);
    const customerId = this.customerIds[this.deliveries++ % this.customerIds.length] as string;
    return { kind: 'subscription', body: subscriptionBody(customerId, change, this.startedAt + change) };
  }

  acknowledge(): void {}
}

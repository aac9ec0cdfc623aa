import { createdBody, updatedBody } from './event.js';

/** `created`: new customers only. `mixed`: 60 % new customers, 30 % updates, 10 % events sent again. */
export type TrafficKind = 'created' | 'mixed';

type DeliveryKind = 'created' | 'updated' | 'duplicate';

/** One request to come. */
export interface Delivery {
  kind: DeliveryKind;
  body: string;
  customer: Customer;
}

interface Customer {
  key: string;
  createdAtSeconds: number;
}

const MIX: readonly DeliveryKind[] = [
  ...Array<DeliveryKind>(6).fill('created'),
  ...Array<DeliveryKind>(3).fill('updated'),
  'duplicate',
];

/**
 * Makes events, each body once. Updates and duplicates are about customers whose creation has been
 * acknowledged, each at most once; while there are none, new customers come.
 */
export class Traffic {
  /** How many customers there are, acknowledged or not. */
  customers = 0;
  private deliveries = 0;
  private readonly acknowledged: Customer[] = [];
  private readonly used = { updated: 0, duplicate: 0 };

  /** @param keys customers are made from `<keys>-1`, `<keys>-2`, … */
  constructor(
    private readonly kind: TrafficKind,
    private readonly keys: string,
  ) {}

  get acknowledgedCustomers(): number {
    return this.acknowledged.length;
  }

  next(): Delivery {
    const kind = this.kind === 'created' ? 'created' : (MIX[this.deliveries++ % MIX.length] ?? 'created');
    const now = Math.floor(Date.now() / 1000);
    const customer = kind === 'created' ? undefined : this.acknowledged[this.used[kind]];
    if (kind === 'created' || !customer) return this.nextCreated(now);
    this.used[kind] += 1;
    const { key, createdAtSeconds } = customer;
    const body =
      kind === 'updated' ? updatedBody(key, createdAtSeconds, now) : createdBody(key, createdAtSeconds);
    return { kind, body, customer };
  }

  acknowledge({ kind, customer }: Delivery): void {
    if (kind === 'created') this.acknowledged.push(customer);
  }

  private nextCreated(createdAtSeconds: number): Delivery {
    this.customers += 1;
    const key = `${this.keys}-${this.customers}`;
    return { kind: 'created', body: createdBody(key, createdAtSeconds), customer: { key, createdAtSeconds } };
  }
}

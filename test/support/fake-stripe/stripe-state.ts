import { anEvent, type Fields } from '../builders.js';
import { NewestFirst } from './newest-first.js';

export type FakeCustomer = Fields & { id: string; created: number };
export type FakeEvent = Fields & { id: string; type: string; created: number; pending_webhooks: number };

export type BilledKind = 'subscription' | 'invoice' | 'dispute';
/** An object of a customer, such as a subscription. Its `object` is the name of its kind. */
export type FakeBilled = FakeCustomer & { object: BilledKind };

/** How long Stripe lists and shows events. */
const EVENTS_KEPT_SECONDS = 30 * 86_400;

/** The data in Stripe. A change to a customer may generate its event or not. */
export class StripeState {
  readonly customers = new NewestFirst<FakeCustomer>();
  readonly events = new NewestFirst<FakeEvent>();
  /** Subscriptions, invoices and disputes, each by the `object` of its kind. */
  readonly billing: Record<BilledKind, NewestFirst<FakeCustomer>> = {
    subscription: new NewestFirst(),
    invoice: new NewestFirst(),
    dispute: new NewestFirst(),
  };
  private readonly deletedCustomers = new Set<string>();
  private readonly accounts = new Map<string, string>();

  /** @param now Stripe's clock */
  constructor(private readonly now: () => Date) {}

  get nowSeconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }

  /**
   * Creates or replaces a customer without an event.
   * @param account the customer's connected account; the key's own by default
   */
  put(customer: Fields & { id: string }, account?: string): FakeCustomer {
    const stored = { created: this.nowSeconds, ...customer };
    if (account) this.accounts.set(customer.id, account);
    this.customers.put(stored);
    return stored;
  }

  /** Deletes a customer without an event. Only its id is left. */
  delete(customerId: string): void {
    this.customers.remove(customerId);
    this.deletedCustomers.add(customerId);
  }

  createCustomer(customer: Fields & { id: string }): FakeEvent {
    return this.generate('customer.created', this.put(customer));
  }

  updateCustomer(customerId: string, changes: Fields): FakeEvent {
    const before = this.customerOf(customerId);
    const after = this.put({ ...before, ...changes });
    const previous = Object.fromEntries(Object.keys(changes).map((field) => [field, before[field] ?? null]));
    return this.generate('customer.updated', after, previous);
  }

  deleteCustomer(customerId: string): FakeEvent {
    const last = this.customerOf(customerId);
    this.delete(customerId);
    return this.generate('customer.deleted', last);
  }

  /** Creates or replaces a subscription, an invoice or a dispute without an event. */
  putBilled<T extends FakeBilled>(billed: T): T {
    this.billing[billed.object].put(billed);
    return billed;
  }

  /**
   * Creates or replaces a subscription, an invoice or a dispute, with an event.
   * @param created when it happened, in Unix seconds
   */
  changeBilled(type: string, billed: FakeBilled, created: number): FakeEvent {
    return this.generate(type, this.putBilled(billed), undefined, created);
  }

  /** Marks an event as answered with 2xx: no webhook of it is pending. */
  markDelivered({ id }: { id: string }): void {
    const event = this.events.get(id);
    if (event) this.events.put({ ...event, pending_webhooks: 0 });
  }

  /** Whether an account (null: the key's own) has the customer, or had it. */
  isOf(customerId: string, account: string | null): boolean {
    return (this.accounts.get(customerId) ?? null) === account;
  }

  isDeleted(customerId: string): boolean {
    return this.deletedCustomers.has(customerId);
  }

  isKept({ created }: FakeEvent): boolean {
    return created > this.nowSeconds - EVENTS_KEPT_SECONDS;
  }

  /** Generates an event. Its webhook is pending until it is delivered. */
  private generate(
    type: string,
    object: FakeCustomer,
    previous?: Fields,
    created = this.nowSeconds,
  ): FakeEvent {
    const data = { object, ...(previous ? { previous_attributes: previous } : {}) };
    const fields = { type, created, data, pending_webhooks: 1 };
    const event = { ...anEvent(object, fields), ...fields };
    this.events.put(event);
    return event;
  }

  private customerOf(id: string): FakeCustomer {
    const customer = this.customers.get(id);
    if (!customer) throw new Error(`The fake Stripe has no customer ${id}`);
    return customer;
  }
}

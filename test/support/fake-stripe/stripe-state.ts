import { anEvent, type Fields } from '../builders.js';
import { NewestFirst } from './newest-first.js';

export type FakeCustomer = Fields & { id: string; created: number };
export type FakeEvent = Fields & { id: string; type: string; created: number; pending_webhooks: number };

/** Stripe lists and shows events for so long. */
const EVENTS_KEPT_SECONDS = 30 * 86_400;

/** What Stripe has. Whoever changes a customer may have the event of it generated, or lost. */
export class StripeState {
  readonly customers = new NewestFirst<FakeCustomer>();
  readonly events = new NewestFirst<FakeEvent>();
  private readonly deletedCustomers = new Set<string>();

  /** @param now Stripe's clock */
  constructor(private readonly now: () => Date) {}

  get nowSeconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }

  /** Creates a customer, or replaces it, and generates no event. */
  put(customer: Fields & { id: string }): FakeCustomer {
    const stored = { created: this.nowSeconds, ...customer };
    this.customers.put(stored);
    return stored;
  }

  /** Deletes a customer and generates no event: what is left of it is its id. */
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

  /** The endpoint has answered an event with 2xx: nothing is pending any more. */
  markDelivered({ id }: { id: string }): void {
    const event = this.events.get(id);
    if (event) this.events.put({ ...event, pending_webhooks: 0 });
  }

  isDeleted(customerId: string): boolean {
    return this.deletedCustomers.has(customerId);
  }

  isKept({ created }: FakeEvent): boolean {
    return created > this.nowSeconds - EVENTS_KEPT_SECONDS;
  }

  /** Its webhook is pending until it has been delivered. */
  private generate(type: string, object: FakeCustomer, previous?: Fields): FakeEvent {
    const data = { object, ...(previous ? { previous_attributes: previous } : {}) };
    const fields = { type, created: this.nowSeconds, data, pending_webhooks: 1 };
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

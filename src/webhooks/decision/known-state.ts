import type { Assignment } from '../../events/assigned-arm.js';
import type { CustomerCreated } from '../../events/customers/customer-created.event.js';
import type { EventImport, MingusUser } from '../../events/stripe-customer.js';
import type { StoredCustomer } from '../stripe/customer-difference.js';
import type { KnownBilling } from './known-billing.js';
import type { StoredRevenue } from '../../events/billing-standing.js';
import type { EventOutcome, Refusal } from '../stripe/event-outcome.js';

/** The stored data that decisions about a batch of events need. */
export interface KnownState {
  events: ReadonlyMap<string, SeenEvent>;
  /** By {@link customerKey}. */
  customers: ReadonlyMap<string, KnownCustomer>;
  /** Customers that are not stored and whose deletion an event without an address reported; by {@link customerKey}. */
  deletions: ReadonlySet<string>;
  /** Customers that are not stored and whose person was erased; by {@link customerKey}. */
  erasures: ReadonlySet<string>;
  /** Customers for which other events wait for a user; by {@link customerKey}. */
  waiting: ReadonlySet<string>;
  /** By stored id. */
  users: ReadonlyMap<string, MingusUser>;
  /** The stored id by each spelling in the events. */
  userIds: ReadonlyMap<string, string>;
  /** The notification kinds that each user has got, by user id. */
  notifiedKinds: ReadonlyMap<string, readonly string[]>;
  /** Decides the arms of experiments of the user of a new customer. */
  armsOf(this: void, creation: CustomerCreated): Assignment;
  /** Subscriptions and payments by {@link customerKey}, of the customers whose events are about those. */
  billing: ReadonlyMap<string, KnownBilling>;
}

/** An event decided before. */
export interface SeenEvent {
  outcome: EventOutcome;
  refusal: Refusal | null;
  customerId: string | null;
  firstDecidedAt: Date | null;
  /** Null when Stripe delivered it. */
  imported: EventImport | null;
}

/** A customer stored before. */
export interface KnownCustomer {
  id: string;
  /** Null after an operator unlinked it. */
  userId: string | null;
  /** The stored fields of Stripe's object. */
  stored: StoredCustomer;
  /** The time of the stored state: when Stripe created the event that reported it. */
  stateAt: Date;
  /** The type of that event, or `api` if the state was fetched. */
  stateToldBy: string;
  isDeleted: boolean;
  /** Whether the personal data were erased. */
  isErased: boolean;
  lifecycleStage: string;
  /** The sum of its subscriptions. */
  revenue: StoredRevenue;
}

/** A key of mode and id, because customers in test and live mode can have the same id. */
export function customerKey(customer: { livemode: boolean; stripeCustomerId: string | null }): string {
  return `${customer.livemode ? 'live' : 'test'}:${customer.stripeCustomerId}`;
}

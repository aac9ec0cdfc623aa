import type { EventImport, MingusUser } from '../../events/stripe-customer.js';
import type { StoredCustomer } from './customer-difference.js';
import type { EventOutcome, Refusal } from './event-outcome.js';

/** What the database knows about a batch of events. */
export interface KnownState {
  events: ReadonlyMap<string, SeenEvent>;
  /** By {@link customerKey}. */
  customers: ReadonlyMap<string, KnownCustomer>;
  /** Customers that are not stored, but of whose deletion an event without an address has told; by {@link customerKey}. */
  deletions: ReadonlySet<string>;
  /** Customers that are not stored, of whom somebody was erased; by {@link customerKey}. */
  erasures: ReadonlySet<string>;
  /** Customers about whom other events than these wait for a user; by {@link customerKey}. */
  waiting: ReadonlySet<string>;
  users: ReadonlyMap<string, MingusUser>;
  /** Notification kinds each user has had, by user id. */
  notifiedKinds: ReadonlyMap<string, readonly string[]>;
}

/** An event decided before. */
export interface SeenEvent {
  outcome: EventOutcome;
  refusal: Refusal | null;
  customerId: string | null;
  /** Null when Stripe delivered it. */
  imported: EventImport | null;
}

/** A customer stored before. */
export interface KnownCustomer {
  id: string;
  /** Null while an operator has unlinked it. */
  userId: string | null;
  /** What is stored of Stripe's object. */
  stored: StoredCustomer;
  /** Which state of Stripe's object is stored: when the event about it was made. */
  stateAt: Date;
  /** The type of that event, or `api` when the state was fetched. */
  stateToldBy: string;
  isDeleted: boolean;
  /** Nothing that tells of the person is stored any more. */
  isErased: boolean;
  lifecycleStage: string;
}

/** Tells customers of test mode from those of live mode, which can have the same id. */
export function customerKey(customer: { livemode: boolean; stripeCustomerId: string | null }): string {
  return `${customer.livemode ? 'live' : 'test'}:${customer.stripeCustomerId}`;
}

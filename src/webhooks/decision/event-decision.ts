import type { MingusUser, StripeCustomer } from '../../events/customer-created.event.js';
import type { EventOutcome, Refusal } from './event-outcome.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { translateCustomer, type TranslatedCustomer } from './stripe-customer.js';

/** An event with its object translated, where its type is one we handle. */
export interface InterpretedEvent {
  received: ReceivedEvent;
  /** Null: the type is not handled. */
  subject: TranslatedCustomer | null;
}

/** What the database knows about a batch of events. */
export interface KnownState {
  events: ReadonlyMap<string, SeenEvent>;
  /** Our customer id by {@link customerKey}. */
  customers: ReadonlyMap<string, string>;
  users: ReadonlyMap<string, MingusUser>;
  /** Notification kinds each user has had, by user id. */
  notifiedKinds: ReadonlyMap<string, readonly string[]>;
}

/** An event decided before. */
export interface SeenEvent {
  outcome: EventOutcome;
  refusal: Refusal | null;
  customerId: string | null;
}

/** What happens to an event. */
export type Decision =
  | { outcome: 'created'; customer: StripeCustomer; user: MingusUser; notifiedKinds: readonly string[] }
  | { outcome: 'duplicate'; customerId: string }
  | { outcome: 'pending_user'; refusal: Refusal; mingusUserId: string }
  | { outcome: 'rejected' | 'unmatched'; refusal: Refusal }
  | { outcome: 'ignored' }
  /** Its id has a final outcome already: nothing is written, the first answer is repeated. */
  | { outcome: 'redelivered'; first: SeenEvent };

/** The border to Stripe's shapes: one translation per handled type. */
const TRANSLATIONS: Record<string, (event: ReceivedEvent) => TranslatedCustomer> = {
  'customer.created': ({ object, livemode }) => translateCustomer(object, livemode),
};

export function interpretEvent(received: ReceivedEvent): InterpretedEvent {
  const translate = Object.hasOwn(TRANSLATIONS, received.type) ? TRANSLATIONS[received.type] : undefined;
  return { received, subject: translate?.(received) ?? null };
}

export function customerKey(customer: Pick<StripeCustomer, 'livemode' | 'stripeCustomerId'>): string {
  return `${customer.livemode ? 'live' : 'test'}:${customer.stripeCustomerId}`;
}

/**
 * Decides about one event. Pure: everything it depends on is passed in.
 * @param expectedLivemode refuse events of the other mode, when set
 */
export function decideOutcome(
  { received, subject }: InterpretedEvent,
  known: KnownState,
  expectedLivemode?: boolean,
): Decision {
  const seen = known.events.get(received.stripeEventId);
  if (seen && seen.outcome !== 'pending_user') return { outcome: 'redelivered', first: seen };
  if (!subject) return { outcome: 'ignored' };
  if (expectedLivemode !== undefined && received.livemode !== expectedLivemode) {
    return reject('livemode_mismatch', 'Event livemode does not match this service');
  }
  if (!subject.valid) return reject(subject.code, subject.message);
  const { customer, mingusUserId } = subject;
  const existing = known.customers.get(customerKey(customer));
  if (existing) return { outcome: 'duplicate', customerId: existing };
  if (!mingusUserId) {
    return {
      outcome: 'unmatched',
      refusal: { code: 'no_user_id', message: 'No user ID in customer metadata' },
    };
  }
  const user = known.users.get(mingusUserId);
  if (!user) {
    return {
      outcome: 'pending_user',
      mingusUserId,
      refusal: { code: 'user_not_found', message: 'User not found' },
    };
  }
  return { outcome: 'created', customer, user, notifiedKinds: known.notifiedKinds.get(user.id) ?? [] };
}

function reject(code: string, message: string): Decision {
  return { outcome: 'rejected', refusal: { code, message } };
}

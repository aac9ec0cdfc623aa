import type { BilledCustomer, BillingStanding, StandingChange } from '../../../../events/billing-standing.js';
import type { DomainEvent } from '../../../../events/domain-event.js';
import { originOf } from '../../../stripe/event-origin.js';
import { NO_CUSTOMER, refuse, type Translated } from '../../../stripe/billing/object-fields.js';
import type { Refusal } from '../../../stripe/event-outcome.js';
import type { ReceivedEvent } from '../../../stripe/received-event.js';
import { NOTHING_BILLED } from '../../known-billing.js';
import { customerKey, type KnownCustomer, type KnownState } from '../../known-state.js';
import { orderOf, stateOf } from '../../state-order.js';
import type { Interpretation, Subject } from '../../stripe-event-handler.js';
import { followTwin } from '../../twin.js';
import { type Verdict, verdict } from '../../verdict.js';

/** An event about a subscription, an invoice, a dispute or another object of a customer. */
export interface BillingSubject<T extends object> extends Subject {
  billingObjectId: string;
  /** Null until the object, or its customer, has been fetched. */
  reported: T | null;
  /** Why the object concerns no customer: a guest has paid, for example. */
  noCustomer?: Refusal;
}

/** How one kind of object differs from the others. */
export interface BillingKind<T extends object> {
  /** As in the object's `object`, and in the `related_object` of thin events. */
  name: string;
  translate(event: ReceivedEvent): Translated<T>;
  /** Whether the object must be fetched although the event has it. */
  mustFetch?(object: unknown): boolean;
}

/** A kind of which the newest state is stored, and on which the standing of the customer depends. */
export interface StoredKind<T extends object> extends BillingKind<T> {
  isFinal(reported: T): boolean;
  /** The object in an event with what is stored of it and the event leaves out. */
  complete?(reported: T, stored: T | undefined): T;
  /** Whether the object must be fetched again, because the event leaves out a part of it. */
  isIncomplete?(reported: T): boolean;
  /** The standing of the customer once the object is in this state. */
  apply(standing: BillingStanding, reported: T): BillingStanding;
  toFact(change: BillingChange<T>): DomainEvent;
  /** Facts that hold whether the state in the event is the newest one or not. */
  report?(event: ReceivedEvent, report: BillingReport<T>): DomainEvent[];
}

/** What an event reports, and what is stored. */
export interface BillingReport<T extends object> {
  customer: BilledCustomer;
  reported: T;
  stored: T | undefined;
  origin: ReturnType<typeof originOf>;
}

export interface BillingChange<T extends object> {
  customer: BilledCustomer;
  reported: T;
  previous: { status: string; stateAt: string } | null;
  standing: StandingChange;
  origin: ReturnType<typeof originOf>;
}

const CUSTOMER_NOT_FOUND: Refusal = { code: 'customer_not_found', message: 'Customer not found' };

/** Snapshot events have the object, thin ones only name it until it has been fetched. */
export function interpretBilling<T extends object>(
  kind: BillingKind<T>,
  event: ReceivedEvent,
): Interpretation<BillingSubject<T>> {
  const subject = { livemode: event.livemode === true, mingusUserId: null };
  const unknown = { valid: true, ...subject, stripeCustomerId: null, reported: null } as const;
  const { object, relatedObject } = event;
  if (event.kind === 'thin' && relatedObject?.type !== kind.name)
    return refuse(kind.name, 'invalid_related_object', `Related object is no ${kind.name}`);
  if (object === undefined && relatedObject) return { ...unknown, billingObjectId: relatedObject.id };
  if (object === null && event.stateToldBy === 'api')
    return refuse(kind.name, 'object_not_found', 'Not found in Stripe');
  const translated = kind.translate(event);
  if (!translated.valid && translated.code === NO_CUSTOMER) {
    const mustFetch = event.stateToldBy !== 'api' && kind.mustFetch?.(object);
    return { ...unknown, billingObjectId: idOf(object), ...(mustFetch ? {} : { noCustomer: translated }) };
  }
  if (!translated.valid) return translated;
  const { stripeCustomerId, reported } = translated;
  return { valid: true, ...subject, stripeCustomerId, billingObjectId: idOf(object), reported };
}

/**
 * Decides about an event whose object is stored: the newest state wins. An event that arrives before its
 * customer waits for it.
 */
export function decideBilling<T extends object>(
  kind: StoredKind<T>,
  subject: BillingSubject<T>,
  event: ReceivedEvent,
  known: KnownState,
): Verdict {
  const ofCustomer = findCustomer(subject, event, known);
  if ('outcome' in ofCustomer) return ofCustomer;
  const { customer, stripeCustomerId } = ofCustomer;
  const customerId = customer.id;
  const { standing, revenue, stage, objects } = known.billing.get(customerKey(subject)) ?? NOTHING_BILLED;
  const stored = objects.get(subject.billingObjectId);
  const storedState = stored?.reported as T | undefined;
  const isFetched = event.stateToldBy === 'api';
  const complete = isFetched ? undefined : kind.complete;
  const reported = complete?.(ofCustomer.reported, storedState) ?? ofCustomer.reported;
  const state = stateOf(event, reported);
  const isFinal = (each: object) => kind.isFinal(each as T);
  const order = stored ? orderOf(state, stored, isFinal) : 'newer';
  const needsRefresh = order === 'unordered';
  const isOlder =
    order === 'older' || (needsRefresh && stored !== undefined && state.stateAt < stored.stateAt);
  const about = { customer: { customerId, stripeCustomerId }, reported, origin: originOf(event) };
  const facts = isFetched ? [] : (kind.report?.(event, { ...about, stored: storedState }) ?? []);
  if (order === 'same' || isOlder) return verdict('stale', { customerId, facts, needsRefresh });
  const fact = kind.toFact({
    ...about,
    previous: stored ? { status: stored.status, stateAt: stored.stateAt.toISOString() } : null,
    standing: { before: standing, after: kind.apply(standing, reported), stage, revenue },
  });
  const isIncomplete = !isFetched && (kind.isIncomplete?.(reported) ?? false);
  return verdict('updated', {
    customerId,
    facts: [fact, ...facts],
    needsRefresh: needsRefresh || isIncomplete,
  });
}

/** The customer of an event, or the verdict about an event without one. */
export function findCustomer<T extends object>(
  { stripeCustomerId, livemode, reported, noCustomer }: BillingSubject<T>,
  event: ReceivedEvent,
  known: KnownState,
): Verdict | { customer: KnownCustomer; reported: T; stripeCustomerId: string } {
  const ofTwin = followTwin(event, known);
  if (ofTwin) return ofTwin;
  if (noCustomer) {
    const { code, message } = noCustomer;
    return verdict('ignored', { refusal: { code, message } });
  }
  if (!reported || stripeCustomerId === null) return verdict('fetching');
  const customer = known.customers.get(customerKey({ stripeCustomerId, livemode }));
  if (!customer) return verdict('pending_customer', { refusal: CUSTOMER_NOT_FOUND });
  if (customer.isDeleted) return verdict('stale', { customerId: customer.id });
  return { customer, reported, stripeCustomerId };
}

/** The id of an object whose shape and id hold: the customer is read after them. */
function idOf(object: unknown): string {
  return (object as { id: string }).id;
}

import { Injectable } from '@nestjs/common';
import { CustomerUpdated } from '../../events/customers/customer-updated.event.js';
import type { EventOrigin } from '../../events/stripe-customer.js';
import { differencesOf } from '../decision/customer-difference.js';
import { customerKey, type KnownCustomer, type KnownState } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import { originOf } from '../inbox-row.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { type CustomerSubject, interpretCustomer, onboard } from './onboarding.js';
import { HandlesStripeEvents, type StripeEventHandler } from './stripe-event-handler.js';

/**
 * The newest state wins; a customer that nobody told of yet is set up from the update. Whose address was removed
 * in Stripe keeps the last one that was known.
 */
@Injectable()
@HandlesStripeEvents('customer.updated')
export class CustomerUpdatedHandler implements StripeEventHandler<CustomerSubject> {
  readonly interpret = interpretCustomer;

  decide(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
    const existing = known.customers.get(customerKey(subject));
    if (!existing) return onboard(subject, event, known);
    const { id: customerId, stored, stateAt, isDeleted } = existing;
    if (isDeleted) return verdict('stale', { customerId });
    const origin = originOf(event);
    const needsRefresh = isUnordered(origin, existing);
    if (new Date(origin.stateAt) < stateAt) return verdict('stale', { customerId, needsRefresh });
    const customer = { ...subject.customer, email: subject.customer.email ?? stored.email };
    const before = { stateAt: stateAt.toISOString() };
    const fact = new CustomerUpdated(customerId, customer, before, differencesOf(customer, stored), origin);
    return verdict('updated', { customerId, facts: [fact], needsRefresh });
  }
}

/** A state that was fetched may be so much older than the answer in which it came. */
const FETCHING_MS = 2000;

/**
 * The times of Stripe's events are whole seconds, and events arrive in any order: of two states within one
 * second nobody but Stripe can tell which is the newer one. (A creation comes before every update.)
 */
function isUnordered({ stateAt, stateToldBy }: EventOrigin, existing: KnownCustomer): boolean {
  if (existing.stateToldBy === 'customer.created') return false;
  const wasFetched = stateToldBy === 'api' || existing.stateToldBy === 'api';
  const apartMs = Math.abs(Date.parse(stateAt) - existing.stateAt.getTime());
  return apartMs <= (wasFetched ? FETCHING_MS : 0);
}

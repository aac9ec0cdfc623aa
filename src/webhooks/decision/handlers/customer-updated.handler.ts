import { Injectable } from '@nestjs/common';
import { CustomerUpdated } from '../../../events/customers/customer-updated.event.js';
import type { EventOrigin } from '../../../events/stripe-customer.js';
import { differencesOf } from '../../stripe/customer-difference.js';
import { customerKey, type KnownCustomer, type KnownState } from '../known-state.js';
import { FETCHING_MS } from '../state-order.js';
import { type Verdict, verdict } from '../verdict.js';
import { originOf } from '../../stripe/event-origin.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { type CustomerSubject, interpretCustomer, onboard } from './onboarding.js';
import { HandlesStripeEvents, type StripeEventHandler } from '../stripe-event-handler.js';

/**
 * The newest state wins; a customer that is not stored yet is set up from the update. A customer whose address was
 * removed in Stripe keeps the stored one.
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

/**
 * Whether the order of the event and the stored state is unknown. Stripe's events have times in whole seconds
 * and arrive in any order, so two updates of one second cannot be ordered. (A creation comes before every
 * update.)
 */
function isUnordered({ stateAt, stateToldBy }: EventOrigin, existing: KnownCustomer): boolean {
  if (existing.stateToldBy === 'customer.created') return false;
  const wasFetched = stateToldBy === 'api' || existing.stateToldBy === 'api';
  const apartMs = Math.abs(Date.parse(stateAt) - existing.stateAt.getTime());
  return apartMs <= (wasFetched ? FETCHING_MS : 0);
}

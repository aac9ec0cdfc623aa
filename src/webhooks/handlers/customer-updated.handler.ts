import { Injectable } from '@nestjs/common';
import { CustomerUpdated } from '../../events/customers/customer-updated.event.js';
import { customerKey, type KnownState, type Verdict, verdict } from '../decision/event-decision.js';
import { originOf } from '../inbox-row.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { type CustomerSubject, interpretCustomer, onboard } from './onboarding.js';
import { HandlesStripeEvents, type StripeEventHandler } from './stripe-event-handler.js';

/** The newest state wins; a customer that nobody told of yet is set up from the update. */
@Injectable()
@HandlesStripeEvents('customer.updated')
export class CustomerUpdatedHandler implements StripeEventHandler<CustomerSubject> {
  readonly interpret = interpretCustomer;

  decide(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
    const existing = known.customers.get(customerKey(subject));
    if (!existing) return onboard(subject, event, known);
    const { id: customerId, email, stateAt, stateToldBy, isDeleted } = existing;
    const origin = originOf(event);
    if (isDeleted || new Date(origin.stateAt) < stateAt) return verdict('stale', { customerId });
    const before = { email, stateAt: stateAt.toISOString(), stateToldBy };
    const fact = new CustomerUpdated(customerId, subject.customer, before, origin);
    return verdict('updated', { customerId, facts: [fact] });
  }
}

import { Injectable } from '@nestjs/common';
import { CustomerDeleted } from '../../../events/customers/customer-deleted.event.js';
import { customerKey, type KnownState } from '../known-state.js';
import { type Verdict, verdict } from '../verdict.js';
import type { Refusal } from '../../stripe/event-outcome.js';
import { customerIdOf, type ReportedCustomer } from '../../stripe/stripe-customer.js';
import { originOf } from '../../stripe/event-origin.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { interpretCustomer, onboardDeleted } from './onboarding.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type NamedSubject,
  type StripeEventHandler,
} from '../stripe-event-handler.js';

/** Nothing of the customer is left to store. Events with this code show that it was deleted. */
export const GONE: Refusal = {
  code: 'object_deleted',
  message: 'Customer was deleted in Stripe before it was known',
};

/** The id is enough to delete a stored customer. */
export interface DeletedSubject extends NamedSubject {
  customer: ReportedCustomer | null;
}

/**
 * Makes the customer's rows a tombstone. A customer that is not stored yet is stored as deleted, so that a late
 * `customer.created` finds the deletion and sends no welcome message.
 */
@Injectable()
@HandlesStripeEvents('customer.deleted')
export class CustomerDeletedHandler implements StripeEventHandler<DeletedSubject> {
  interpret(event: ReceivedEvent): Interpretation<DeletedSubject> {
    const interpretation = interpretCustomer(event);
    const stripeCustomerId = customerIdOf(event.object);
    if (interpretation.valid || !stripeCustomerId) return interpretation;
    const livemode = event.livemode === true;
    return { valid: true, stripeCustomerId, livemode, mingusUserId: null, customer: null };
  }

  decide(subject: DeletedSubject, event: ReceivedEvent, known: KnownState): Verdict {
    const existing = known.customers.get(customerKey(subject));
    const { stripeCustomerId, customer } = subject;
    if (existing?.isDeleted) return verdict('duplicate', { customerId: existing.id });
    if (existing) {
      const { id, userId, lifecycleStage: stage, revenue } = existing;
      const last = { stage, revenue };
      const fact = new CustomerDeleted(id, stripeCustomerId, userId, last, originOf(event));
      return verdict('deleted', { customerId: id, facts: [fact] });
    }
    if (!customer) return verdict('rejected', { refusal: GONE });
    const onboarding = onboardDeleted({ ...subject, customer }, event, known);
    // The user is not known yet. A late event that names one finds the deletion.
    return onboarding.facts.length > 0 ? onboarding : { ...onboarding, refusal: GONE };
  }
}

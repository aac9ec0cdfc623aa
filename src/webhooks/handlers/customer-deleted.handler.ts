import { Injectable } from '@nestjs/common';
import { CustomerDeleted } from '../../events/customers/customer-deleted.event.js';
import { customerKey, type KnownState } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import type { Refusal } from '../decision/event-outcome.js';
import { customerIdOf, type ToldCustomer } from '../decision/stripe-customer.js';
import { originOf } from '../inbox-row.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { interpretCustomer, onboardDeleted } from './onboarding.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type NamedSubject,
  type StripeEventHandler,
} from './stripe-event-handler.js';

/** Nothing is left of it to store, not even an address; that it was deleted is remembered by this code. */
export const GONE: Refusal = {
  code: 'object_deleted',
  message: 'Customer was deleted in Stripe before it was known',
};

/** Its id is enough to delete a customer that we know; what else is missing is of no interest then. */
export interface DeletedSubject extends NamedSubject {
  customer: ToldCustomer | null;
}

/**
 * Makes the customer's rows a tombstone. One that nobody told of yet is stored as deleted, so that a late
 * `customer.created` finds it: nobody is welcomed any more.
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
      const { id, userId, lifecycleStage } = existing;
      const fact = new CustomerDeleted(id, stripeCustomerId, userId, lifecycleStage, originOf(event));
      return verdict('deleted', { customerId: id, facts: [fact] });
    }
    if (!customer) return verdict('rejected', { refusal: GONE });
    const onboarding = onboardDeleted({ ...subject, customer }, event, known);
    // Nobody it belongs to is known yet. Whoever a late event names: it finds the deletion.
    return onboarding.facts.length > 0 ? onboarding : { ...onboarding, refusal: GONE };
  }
}

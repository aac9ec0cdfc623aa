import { Injectable } from '@nestjs/common';
import { customerKey, type KnownState } from '../known-state.js';
import { type Verdict, verdict } from '../verdict.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { CUSTOMER_GONE, CUSTOMER_LISTED } from '../../stripe/listed-customer.js';
import { CustomerDeletedHandler, type DeletedSubject } from './customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './customer-updated.handler.js';
import type { CustomerSubject } from './onboarding.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type StripeEventHandler,
} from '../stripe-event-handler.js';

/**
 * Handles the customers that a reconciliation found. An update may be missing in a list that was read within
 * the same second, so only a stored state that is certainly older is replaced.
 */
@Injectable()
@HandlesStripeEvents([CUSTOMER_LISTED, CUSTOMER_GONE])
export class ListedCustomerHandler implements StripeEventHandler<DeletedSubject> {
  constructor(
    private readonly updated: CustomerUpdatedHandler,
    private readonly deleted: CustomerDeletedHandler,
  ) {}

  interpret(event: ReceivedEvent): Interpretation<DeletedSubject> {
    return event.type === CUSTOMER_GONE ? this.deleted.interpret(event) : this.updated.interpret(event);
  }

  decide(subject: DeletedSubject, event: ReceivedEvent, known: KnownState): Verdict {
    if (!isListed(subject, event)) return this.deleted.decide(subject, event, known);
    const existing = known.customers.get(customerKey(subject));
    if (existing && new Date(event.stateAt) <= existing.stateAt)
      return verdict('stale', { customerId: existing.id });
    return this.updated.decide(subject, event, known);
  }
}

function isListed(subject: DeletedSubject, { type }: ReceivedEvent): subject is CustomerSubject {
  return subject.customer !== null && type === CUSTOMER_LISTED;
}

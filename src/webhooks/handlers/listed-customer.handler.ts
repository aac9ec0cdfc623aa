import { Injectable } from '@nestjs/common';
import { customerKey, type KnownState } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { CUSTOMER_GONE, CUSTOMER_LISTED } from '../reconciliation/drift/listed-customer.js';
import { CustomerDeletedHandler, type DeletedSubject } from './customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './customer-updated.handler.js';
import type { CustomerSubject } from './onboarding.js';
import { HandlesStripeEvents, type Interpretation, type StripeEventHandler } from './stripe-event-handler.js';

/**
 * What a reconciliation has found. A list was read some time ago, when an update of the same second may not
 * have been in it: only a state that is older for certain is replaced.
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

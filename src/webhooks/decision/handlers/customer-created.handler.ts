import { Injectable } from '@nestjs/common';
import { customerKey, type KnownState } from '../known-state.js';
import { type Verdict, verdict } from '../verdict.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { type CustomerSubject, interpretCustomer, onboard } from './onboarding.js';
import { HandlesStripeEvents, type StripeEventHandler } from '../stripe-event-handler.js';

@Injectable()
@HandlesStripeEvents('customer.created')
export class CustomerCreatedHandler implements StripeEventHandler<CustomerSubject> {
  readonly interpret = interpretCustomer;

  decide(subject: CustomerSubject, event: ReceivedEvent, known: KnownState): Verdict {
    const existing = known.customers.get(customerKey(subject));
    return existing ? verdict('duplicate', { customerId: existing.id }) : onboard(subject, event, known);
  }
}

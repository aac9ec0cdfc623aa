import { Injectable } from '@nestjs/common';
import { CheckoutEnded } from '../../../../events/subscriptions/checkout-ended.event.js';
import { originOf } from '../../../stripe/event-origin.js';
import { translateCheckout } from '../../../stripe/billing/stripe-charge.js';
import type { ReceivedEvent } from '../../../stripe/received-event.js';
import type { KnownState } from '../../known-state.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type StripeEventHandler,
} from '../../stripe-event-handler.js';
import { type Verdict, verdict } from '../../verdict.js';
import { type BillingKind, type BillingSubject, findCustomer, interpretBilling } from './billing-object.js';
import { withThinTypes } from './thin-types.js';

type Session = CheckoutEnded['session'];

const CHECKOUT: BillingKind<Session> = {
  name: 'checkout.session',
  translate: ({ object, type }) => translateCheckout(object, type),
};

/** A checkout itself is not stored. Other events report the purchase. */
@Injectable()
@HandlesStripeEvents(withThinTypes(['checkout.session.completed', 'checkout.session.expired']))
export class CheckoutHandler implements StripeEventHandler<BillingSubject<Session>> {
  interpret(event: ReceivedEvent): Interpretation<BillingSubject<Session>> {
    return interpretBilling(CHECKOUT, event);
  }

  decide(subject: BillingSubject<Session>, event: ReceivedEvent, known: KnownState): Verdict {
    const ofCustomer = findCustomer(subject, event, known);
    if ('outcome' in ofCustomer) return ofCustomer;
    const { customer, reported, stripeCustomerId } = ofCustomer;
    const fact = new CheckoutEnded(customer.id, stripeCustomerId, reported, originOf(event));
    return verdict('updated', { customerId: customer.id, facts: [fact] });
  }
}

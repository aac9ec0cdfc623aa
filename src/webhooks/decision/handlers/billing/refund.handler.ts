import { Injectable } from '@nestjs/common';
import { ChargeRefunded } from '../../../../events/subscriptions/charge-refunded.event.js';
import { originOf } from '../../../stripe/event-origin.js';
import { translateRefund } from '../../../stripe/billing/stripe-charge.js';
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

type Charge = ChargeRefunded['charge'];

const CHARGE: BillingKind<Charge> = { name: 'charge', translate: ({ object }) => translateRefund(object) };

/** A refund changes neither stage nor revenue: the payment was made, and the subscription continues. */
@Injectable()
@HandlesStripeEvents(withThinTypes(['charge.refunded']))
export class RefundHandler implements StripeEventHandler<BillingSubject<Charge>> {
  interpret(event: ReceivedEvent): Interpretation<BillingSubject<Charge>> {
    return interpretBilling(CHARGE, event);
  }

  decide(subject: BillingSubject<Charge>, event: ReceivedEvent, known: KnownState): Verdict {
    const ofCustomer = findCustomer(subject, event, known);
    if ('outcome' in ofCustomer) return ofCustomer;
    const { customer, reported, stripeCustomerId } = ofCustomer;
    const fact = new ChargeRefunded(customer.id, stripeCustomerId, reported, originOf(event));
    return verdict('updated', { customerId: customer.id, facts: [fact] });
  }
}

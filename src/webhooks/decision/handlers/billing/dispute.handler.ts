import { Injectable } from '@nestjs/common';
import { DisputeChanged } from '../../../../events/subscriptions/dispute-changed.event.js';
import type { StripeDispute } from '../../../../events/stripe-dispute.js';
import { isWithoutCharge, translateDispute } from '../../../stripe/billing/stripe-dispute.js';
import { BILLING_LISTED } from '../../../stripe/own-event.js';
import type { ReceivedEvent } from '../../../stripe/received-event.js';
import type { KnownState } from '../../known-state.js';
import {
  HandlesStripeEvents,
  type Interpretation,
  type StripeEventHandler,
} from '../../stripe-event-handler.js';
import type { Verdict } from '../../verdict.js';
import { type BillingSubject, decideBilling, interpretBilling, type StoredKind } from './billing-object.js';
import { withThinTypes } from './thin-types.js';

const DISPUTE: StoredKind<StripeDispute> = {
  name: 'dispute',
  translate: ({ object }) => translateDispute(object),
  mustFetch: isWithoutCharge,
  isFinal: ({ isOpen }) => !isOpen,
  apply(standing, { stripeDisputeId, isOpen }) {
    const others = standing.openDisputes.filter((id) => id !== stripeDisputeId);
    return { ...standing, openDisputes: isOpen ? [...others, stripeDisputeId] : others };
  },
  toFact: ({ customer, reported, previous, standing, origin }) =>
    new DisputeChanged(customer, reported, previous, standing, origin),
};

/** A dispute only names its charge, so its customer is fetched from Stripe. */
@Injectable()
@HandlesStripeEvents([
  ...withThinTypes(['charge.dispute.created', 'charge.dispute.closed']),
  BILLING_LISTED.dispute,
])
export class DisputeHandler implements StripeEventHandler<BillingSubject<StripeDispute>> {
  interpret(event: ReceivedEvent): Interpretation<BillingSubject<StripeDispute>> {
    return interpretBilling(DISPUTE, event);
  }

  decide(subject: BillingSubject<StripeDispute>, event: ReceivedEvent, known: KnownState): Verdict {
    return decideBilling(DISPUTE, subject, event, known);
  }
}

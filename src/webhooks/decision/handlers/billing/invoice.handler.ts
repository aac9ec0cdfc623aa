import { Injectable } from '@nestjs/common';
import type { BillingStanding } from '../../../../events/billing-standing.js';
import { InvoiceChanged } from '../../../../events/subscriptions/invoice-changed.event.js';
import type { StripeInvoice } from '../../../../events/stripe-invoice.js';
import { translateInvoice, withKnownFailure } from '../../../stripe/billing/stripe-invoice.js';
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

const TYPES = [
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.marked_uncollectible',
  'invoice.voided',
];

const INVOICE: StoredKind<StripeInvoice> = {
  name: 'invoice',
  translate: ({ object, type, stateAt }) => translateInvoice(object, type, stateAt),
  isFinal: ({ status }) => status === 'paid' || status === 'void',
  complete: withKnownFailure,
  apply(standing, { stripeInvoiceId, isPaymentFailed, ...invoice }) {
    const others = standing.failedInvoices.filter((id) => id !== stripeInvoiceId);
    return {
      ...standing,
      failedInvoices: isPaymentFailed ? [...others, stripeInvoiceId] : others,
      firstPaidAt: firstPaidAtOf(standing, invoice),
    };
  },
  toFact: ({ customer, reported, previous, standing, origin }) =>
    new InvoiceChanged(customer, reported, previous, standing, origin),
};

/** Times are texts in ISO 8601, which sort. */
function firstPaidAtOf(
  { firstPaidAt }: BillingStanding,
  { paidAt, amountPaidMinor }: Pick<StripeInvoice, 'paidAt' | 'amountPaidMinor'>,
): string | null {
  if (paidAt === null || amountPaidMinor <= 0) return firstPaidAt;
  return firstPaidAt === null || paidAt < firstPaidAt ? paidAt : firstPaidAt;
}

/** Invoices show payments and risks. The status of a subscription is only in its own events. */
@Injectable()
@HandlesStripeEvents([...withThinTypes(TYPES), BILLING_LISTED.invoice])
export class InvoiceHandler implements StripeEventHandler<BillingSubject<StripeInvoice>> {
  interpret(event: ReceivedEvent): Interpretation<BillingSubject<StripeInvoice>> {
    return interpretBilling(INVOICE, event);
  }

  decide(subject: BillingSubject<StripeInvoice>, event: ReceivedEvent, known: KnownState): Verdict {
    return decideBilling(INVOICE, subject, event, known);
  }
}

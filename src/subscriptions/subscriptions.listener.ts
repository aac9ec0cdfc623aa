import { Injectable } from '@nestjs/common';
import { DisputeChanged } from '../events/subscriptions/dispute-changed.event.js';
import { InvoiceChanged } from '../events/subscriptions/invoice-changed.event.js';
import { SubscriptionChanged } from '../events/subscriptions/subscription-changed.event.js';
import type { EventOrigin } from '../events/stripe-customer.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { Dispute } from './dispute.entity.js';
import { Invoice } from './invoice.entity.js';
import { moneyText } from './money-text.js';
import { mrrOf } from './mrr.js';
import { Subscription } from './subscription.entity.js';
import { SubscriptionsSettings } from './subscriptions.settings.js';

/** Stores the newest state of subscriptions, invoices and disputes. */
@Injectable()
export class SubscriptionsListener {
  constructor(private readonly settings: SubscriptionsSettings) {}

  @OnFact(SubscriptionChanged)
  storeSubscription(fact: SubscriptionChanged, unit: UnitOfWork): void {
    const { customer, subscription, previous, origin } = fact;
    const { customerId } = customer;
    const { stripeSubscriptionId, status } = subscription;
    const state = {
      ...subscription,
      mrr: mrrOf([subscription], this.settings.subtractedDiscounts),
      cancelAt: toDate(subscription.cancelAt),
      canceledAt: toDate(subscription.canceledAt),
      endedAt: toDate(subscription.endedAt),
      trialStart: toDate(subscription.trialStart),
      trialEnd: toDate(subscription.trialEnd),
      currentPeriodEnd: toDate(subscription.currentPeriodEnd),
      startedAt: toDate(subscription.startedAt),
      ...stateOf(origin),
    };
    if (previous) {
      const read = { customerId, stripeSubscriptionId, stateAt: new Date(previous.stateAt) };
      unit.updateOne(Subscription, read, state);
    } else {
      unit.insert(Subscription, { customerId, ...state, createdAt: state.updatedAt });
    }
    unit.reportChange(`Subscription ${stripeSubscriptionId} is ${status}`);
  }

  @OnFact(InvoiceChanged)
  storeInvoice({ customer, invoice, previous, origin }: InvoiceChanged, unit: UnitOfWork): void {
    const { customerId } = customer;
    const { stripeInvoiceId, status, currency, amountPaidMinor, isPaymentFailed } = invoice;
    const state = {
      ...invoice,
      paidAt: toDate(invoice.paidAt),
      stripeCreatedAt: toDate(invoice.stripeCreatedAt),
      ...stateOf(origin),
    };
    if (previous) {
      const read = { customerId, stripeInvoiceId, stateAt: new Date(previous.stateAt) };
      unit.updateOne(Invoice, read, state);
    } else {
      unit.insert(Invoice, { customerId, ...state, createdAt: state.updatedAt });
    }
    const paid = `: ${moneyText(amountPaidMinor, currency)} ${currency}`;
    const failed = isPaymentFailed ? ', its payment failed' : '';
    unit.reportChange(`Invoice ${stripeInvoiceId} is ${status}${status === 'paid' ? paid : failed}`);
  }

  @OnFact(DisputeChanged)
  storeDispute({ customer, dispute, previous, origin }: DisputeChanged, unit: UnitOfWork): void {
    const { customerId } = customer;
    const { stripeDisputeId, status } = dispute;
    const state = { ...dispute, stripeCreatedAt: toDate(dispute.stripeCreatedAt), ...stateOf(origin) };
    if (previous) {
      const read = { customerId, stripeDisputeId, stateAt: new Date(previous.stateAt) };
      unit.updateOne(Dispute, read, state);
    } else {
      unit.insert(Dispute, { customerId, ...state, createdAt: state.updatedAt });
    }
    unit.reportChange(`Dispute ${stripeDisputeId} is ${status}`);
  }
}

function stateOf({ stripeEventId, stateAt, stateToldBy }: EventOrigin) {
  return { stripeEventId, stateAt: new Date(stateAt), stateToldBy, updatedAt: new Date() };
}

function toDate(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}

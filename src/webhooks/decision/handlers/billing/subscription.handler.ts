import { Injectable } from '@nestjs/common';
import type { StripeSubscription } from '../../../../events/stripe-subscription.js';
import { SubscriptionChanged } from '../../../../events/subscriptions/subscription-changed.event.js';
import { SubscriptionUpdateReported } from '../../../../events/subscriptions/subscription-update-reported.event.js';
import { earlierSubscription } from '../../../stripe/billing/earlier-subscription.js';
import { withKnownPrices } from '../../../stripe/billing/known-prices.js';
import { translateSubscription } from '../../../stripe/billing/stripe-subscription.js';
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

/** https://docs.stripe.com/billing/subscriptions/webhooks */
const TYPES = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'customer.subscription.trial_will_end',
];

const ENDED: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

const SUBSCRIPTION: StoredKind<StripeSubscription> = {
  name: 'subscription',
  translate: ({ object }) => translateSubscription(object),
  isFinal: ({ status }) => ENDED.has(status),
  complete: withKnownPrices,
  isIncomplete: ({ isPriceKnown, status }) => !isPriceKnown && !ENDED.has(status),
  apply: (standing, reported) => ({
    ...standing,
    subscriptions: [
      ...standing.subscriptions.filter(
        (other) => other.stripeSubscriptionId !== reported.stripeSubscriptionId,
      ),
      reported,
    ],
  }),
  report(event, { customer, reported, stored, origin }) {
    const earlier = earlierSubscription(event);
    if (!earlier) return [];
    const before = withKnownPrices(earlier, stored);
    return [new SubscriptionUpdateReported(customer, before, reported, origin)];
  },
  toFact: ({ customer, reported, previous, standing, origin }) =>
    new SubscriptionChanged(customer, reported, previous, standing, origin),
};

/** Each event has the whole subscription: the newest state wins for all types. */
@Injectable()
@HandlesStripeEvents([...withThinTypes(TYPES), BILLING_LISTED.subscription])
export class SubscriptionHandler implements StripeEventHandler<BillingSubject<StripeSubscription>> {
  interpret(event: ReceivedEvent): Interpretation<BillingSubject<StripeSubscription>> {
    return interpretBilling(SUBSCRIPTION, event);
  }

  decide(subject: BillingSubject<StripeSubscription>, event: ReceivedEvent, known: KnownState): Verdict {
    return decideBilling(SUBSCRIPTION, subject, event, known);
  }
}

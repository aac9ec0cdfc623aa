import { Injectable } from '@nestjs/common';
import type { StripeSubscription } from '../events/stripe-subscription.js';
import { SubscriptionChanged } from '../events/subscriptions/subscription-changed.event.js';
import { SubscriptionUpdateReported } from '../events/subscriptions/subscription-update-reported.event.js';
import { SubscriptionUpgraded } from '../events/subscriptions/subscription-upgraded.event.js';
import { Facts } from '../platform/facts/facts.service.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { isUpgrade } from './mrr.js';
import { SubscriptionsSettings } from './subscriptions.settings.js';

/**
 * Finds rises of the price of a subscription: between the two states of an event, and between the stored state and a
 * newer one. The earliest rise does not depend on the order of events: between two states with a rise is an event that
 * shows it.
 */
@Injectable()
export class UpgradesListener {
  constructor(
    private readonly settings: SubscriptionsSettings,
    private readonly facts: Facts,
  ) {}

  @OnFact(SubscriptionUpdateReported)
  compareReported({ customer, before, after, origin }: SubscriptionUpdateReported, unit: UnitOfWork): void {
    const occurredAt = origin.stripeCreatedAt ?? origin.receivedAt;
    this.compare(customer.customerId, { before, after, occurredAt }, unit);
  }

  @OnFact(SubscriptionChanged)
  compareStored(
    { customer, subscription, standing, occurredAt }: SubscriptionChanged,
    unit: UnitOfWork,
  ): void {
    const { stripeSubscriptionId } = subscription;
    const before = standing.before.subscriptions.find(
      (other) => other.stripeSubscriptionId === stripeSubscriptionId,
    );
    if (before) this.compare(customer.customerId, { before, after: subscription, occurredAt }, unit);
  }

  private compare(
    customerId: string,
    {
      before,
      after,
      occurredAt,
    }: { before: StripeSubscription; after: StripeSubscription; occurredAt: string },
    unit: UnitOfWork,
  ): void {
    if (isUpgrade(before, after, this.settings.subtractedDiscounts))
      this.facts.emit(new SubscriptionUpgraded(customerId, occurredAt), unit);
  }
}

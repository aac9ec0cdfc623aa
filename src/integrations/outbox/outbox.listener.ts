import { Injectable } from '@nestjs/common';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../../events/customers/customer-deleted.event.js';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { CustomerLinked, CustomerUnlinked } from '../../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../../events/customers/customer-updated.event.js';
import type { FactData, FactTypeName } from '../../events/integrations/fact-types.js';
import { MilestoneReached } from '../../events/lifecycle/milestone-reached.event.js';
import { StageChanged } from '../../events/lifecycle/stage-changed.event.js';
import { NotificationGivenUp } from '../../events/notification-facts.event.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { PortalAccessed } from '../../events/portal/portal-accessed.event.js';
import { SegmentMembershipsChanged } from '../../events/segments/segment-memberships-changed.event.js';
import { InvoiceChanged } from '../../events/subscriptions/invoice-changed.event.js';
import { MrrMoved } from '../../events/subscriptions/mrr-moved.event.js';
import { SubscriptionChanged } from '../../events/subscriptions/subscription-changed.event.js';
import { SubscriptionUpgraded } from '../../events/subscriptions/subscription-upgraded.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { appendFact } from './append-fact.js';
import { OutboxSwitch } from './outbox-switch.service.js';

/** Writes facts about customers to the outbox, in their own transactions, while something is switched on that needs them. */
@Injectable()
export class OutboxListener {
  constructor(private readonly consumers: OutboxSwitch) {}

  @OnFact(CustomerCreated)
  addCreated({ customerId, customer, origin, occurredAt }: CustomerCreated, unit: UnitOfWork): void {
    const { stripeCustomerId } = customer;
    const data = { stripeCustomerId, imported: origin.imported !== null };
    this.add(unit, customerId, 'customer.created', data, occurredAt);
  }

  @OnFact(CustomerUpdated)
  addUpdated({ customerId, customer, changes, origin }: CustomerUpdated, unit: UnitOfWork): void {
    const { stripeCustomerId } = customer;
    const data = { stripeCustomerId, fields: Object.keys(changes) };
    this.add(unit, customerId, 'customer.updated', data, origin.stateAt);
  }

  @OnFact(CustomerDeleted)
  addDeleted({ customerId, stripeCustomerId, occurredAt }: CustomerDeleted, unit: UnitOfWork): void {
    this.add(unit, customerId, 'customer.deleted', { stripeCustomerId }, occurredAt);
  }

  /** What was written about the person before is emptied: the ids and the order stay. */
  @OnFact(CustomerErased)
  addErased({ customerId, stripeCustomerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(EMPTY, { customerId });
    this.add(unit, customerId, 'customer.erased', { stripeCustomerId }, now());
  }

  @OnFact(CustomerLinked)
  addLinked({ customerId, user }: CustomerLinked, unit: UnitOfWork): void {
    this.add(unit, customerId, 'customer.linked', { userId: user.id }, now());
  }

  @OnFact(CustomerUnlinked)
  addUnlinked({ customerId, userIdBefore: userId }: CustomerUnlinked, unit: UnitOfWork): void {
    this.add(unit, customerId, 'customer.unlinked', { userId }, now());
  }

  @OnFact(StageChanged)
  addStage({ customerId, stages: { from, to }, occurredAt }: StageChanged, unit: UnitOfWork): void {
    this.add(unit, customerId, 'customer.stage_changed', { from, to }, occurredAt);
  }

  @OnFact(MilestoneReached)
  addMilestone({ customerId, milestone, reachedAt }: MilestoneReached, unit: UnitOfWork): void {
    this.reach(unit, customerId, milestone, reachedAt.toISOString());
  }

  @OnFact(PortalAccessed)
  addPortalAccessed({ customerId, isFirst }: PortalAccessed, unit: UnitOfWork): void {
    if (isFirst) this.reach(unit, customerId, 'portal_accessed', now());
  }

  @OnFact(SubscriptionUpgraded)
  addUpgraded({ customerId, occurredAt }: SubscriptionUpgraded, unit: UnitOfWork): void {
    this.reach(unit, customerId, 'upgraded', occurredAt);
  }

  @OnFact(SegmentMembershipsChanged)
  addMemberships(fact: SegmentMembershipsChanged, unit: UnitOfWork): void {
    const { customerId, entered, left, effectiveAt } = fact;
    const cause = fact.cause.name;
    for (const segment of entered)
      this.add(unit, customerId, 'customer.segment_entered', { segment, cause }, effectiveAt);
    for (const segment of left)
      this.add(unit, customerId, 'customer.segment_left', { segment, cause }, effectiveAt);
  }

  @OnFact(SubscriptionChanged)
  addSubscription(fact: SubscriptionChanged, unit: UnitOfWork): void {
    const { customer, subscription, previous, standing, occurredAt } = fact;
    const { stripeSubscriptionId, status } = subscription;
    const data = { stripeSubscriptionId, status, previousStatus: previous?.status ?? null };
    this.add(unit, customer.customerId, 'subscription.changed', data, occurredAt);
    const hadTrial = standing.before.subscriptions.some(({ trialStart }) => trialStart !== null);
    if (!hadTrial && subscription.trialStart !== null)
      this.reach(unit, customer.customerId, 'trial_started', subscription.trialStart);
  }

  @OnFact(InvoiceChanged)
  addPayment({ customer, invoice, previous, standing, occurredAt }: InvoiceChanged, unit: UnitOfWork): void {
    const { stripeInvoiceId, currency, amountPaidMinor, amountDueMinor, isPaymentFailed } = invoice;
    const { customerId } = customer;
    if (invoice.paidAt !== null && previous?.status !== 'paid') {
      const data = { stripeInvoiceId, currency, amountMinor: amountPaidMinor };
      this.add(unit, customerId, 'payment.succeeded', data, occurredAt);
    }
    if (isPaymentFailed) {
      const data = { stripeInvoiceId, currency, amountMinor: amountDueMinor };
      this.add(unit, customerId, 'payment.failed', data, occurredAt);
    }
    const { firstPaidAt } = standing.after;
    if (standing.before.firstPaidAt === null && firstPaidAt !== null)
      this.reach(unit, customerId, 'first_payment', firstPaidAt);
  }

  @OnFact(MrrMoved)
  addRevenue({ customerId, movement, occurredAt }: MrrMoved, unit: UnitOfWork): void {
    const { kind, currency, beforeMinor, afterMinor } = movement;
    this.add(unit, customerId, 'revenue.moved', { kind, currency, beforeMinor, afterMinor }, occurredAt);
    if (kind === 'reactivation') this.reach(unit, customerId, 'reactivated', occurredAt);
  }

  @OnFact(NotificationSent)
  addSent({ notificationId, customerId, message, sentAt }: NotificationSent, unit: UnitOfWork): void {
    const { kind, channel } = message;
    const at = sentAt.toISOString();
    this.add(unit, customerId, 'message.sent', { notificationId, kind, channel }, at);
  }

  @OnFact(NotificationGivenUp)
  addGivenUp(fact: NotificationGivenUp, unit: UnitOfWork): void {
    const { notificationId, customerId, status, notification } = fact;
    const { kind, channel, reason } = notification;
    const data = { notificationId, kind, channel, status, reason };
    this.add(unit, customerId, 'message.given_up', data, now());
  }

  private reach(unit: UnitOfWork, customerId: string, milestone: string, at: string): void {
    this.add(unit, customerId, 'customer.milestone_reached', { milestone }, at);
  }

  private add<T extends FactTypeName>(
    unit: UnitOfWork,
    customerId: string,
    type: T,
    data: FactData<T>,
    occurredAt: string,
  ): void {
    if (this.consumers.isOn) appendFact(unit, customerId, { type, data, occurredAt });
  }
}

function now(): string {
  return new Date().toISOString();
}

const EMPTY = `
  update outbox set data = '{}' from json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;

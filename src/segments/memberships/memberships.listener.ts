import { Injectable } from '@nestjs/common';
import { BehaviourRecorded } from '../../events/behaviour/behaviour-recorded.event.js';
import type { BilledCustomer } from '../../events/billing-standing.js';
import { ArmsAssigned } from '../../events/experiments/arms-assigned.event.js';
import { ArmsRemoved } from '../../events/experiments/arms-removed.event.js';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../../events/customers/customer-deleted.event.js';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { CustomerLinked, CustomerUnlinked } from '../../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../../events/customers/customer-updated.event.js';
import type { DomainEvent } from '../../events/domain-event.js';
import { MilestoneReached } from '../../events/lifecycle/milestone-reached.event.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { PortalAccessed } from '../../events/portal/portal-accessed.event.js';
import type { EventOrigin } from '../../events/stripe-customer.js';
import { DisputeChanged } from '../../events/subscriptions/dispute-changed.event.js';
import { InvoiceChanged } from '../../events/subscriptions/invoice-changed.event.js';
import { SubscriptionChanged } from '../../events/subscriptions/subscription-changed.event.js';
import { PredictionsChanged } from '../../events/predictions/predictions-changed.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { RuleInput } from '../rules/inputs-of.js';
import { CustomerSegments } from './customer-segments.entity.js';
import { BEHAVIOUR, type InputChange, Memberships } from './memberships.service.js';
import { NewCustomers } from './new-customers.service.js';

/** Each fact that changes an input of rules leads to an evaluation in its own transaction. */
@Injectable()
export class MembershipsListener {
  constructor(
    private readonly memberships: Memberships,
    private readonly newCustomers: NewCustomers,
  ) {}

  /** All that the rules need is in the fact, except what the user did before: a query evaluates those that need it. */
  @OnFact(CustomerCreated)
  enterFirstSegments(fact: CustomerCreated, unit: UnitOfWork): void {
    this.followNewArms(fact, unit);
    const first = this.newCustomers.evaluate(fact);
    if (!first) return;
    const { customerId, origin, occurredAt } = fact;
    unit.insert(CustomerSegments, {
      customerId,
      ...first,
      firstMemberOf: first.memberOf,
      evaluatedAt: new Date(),
      isProjected: first.memberOf.length === 0,
      projectedUntil: null,
    });
    this.memberships.evaluate(changed(fact, customerId, origin, occurredAt), BEHAVIOUR, unit);
  }

  @OnFact(CustomerUpdated)
  followFields(fact: CustomerUpdated, unit: UnitOfWork): void {
    const { customerId, origin } = fact;
    const customer = changed(fact, customerId, origin, origin.stateAt);
    this.memberships.evaluate(customer, CUSTOMER, unit);
  }

  @OnFact<BillingFact>(SubscriptionChanged, InvoiceChanged, DisputeChanged)
  followBilling(fact: BillingFact, unit: UnitOfWork): void {
    const { customer, origin, occurredAt } = fact;
    this.memberships.evaluate(changed(fact, customer.customerId, origin, occurredAt), BILLING, unit);
  }

  @OnFact(NotificationSent)
  followWelcome(fact: NotificationSent, unit: UnitOfWork): void {
    if (fact.message.kind === 'welcome') this.followMilestone(fact, fact.sentAt, unit);
  }

  @OnFact(PortalAccessed)
  followPortal(fact: PortalAccessed, unit: UnitOfWork): void {
    this.followMilestone(fact, new Date(), unit);
  }

  @OnFact(MilestoneReached)
  followReported(fact: MilestoneReached, unit: UnitOfWork): void {
    this.followMilestone(fact, fact.reachedAt, unit);
  }

  @OnFact(BehaviourRecorded)
  followBehaviour({ eventName: cause, people }: BehaviourRecorded, unit: UnitOfWork): void {
    for (const { userId, lastAt } of people)
      this.memberships.evaluateBehaviour({ userId, cause }, lastAt, unit);
  }

  /** A user's behaviour counts for the customer that the user is linked to. */
  @OnFact<CustomerLinked | CustomerUnlinked>(CustomerLinked, CustomerUnlinked)
  followUser(fact: CustomerLinked | CustomerUnlinked, unit: UnitOfWork): void {
    this.memberships.evaluateAll(now(fact, fact.customerId), unit);
  }

  @OnFact(CustomerDeleted)
  leaveAll(fact: CustomerDeleted, unit: UnitOfWork): void {
    const { customerId, origin, occurredAt } = fact;
    this.memberships.evaluateAll(changed(fact, customerId, origin, occurredAt), unit);
  }

  @OnFact(CustomerErased)
  leaveAllErased(fact: CustomerErased, unit: UnitOfWork): void {
    this.memberships.evaluateAll(now(fact, fact.customerId), unit);
  }

  @OnFact(PredictionsChanged)
  followPredictions(fact: PredictionsChanged, unit: UnitOfWork): void {
    const { eventName: cause, target, customerIds, scoredAt: effectiveAt } = fact;
    const input: RuleInput = `prediction:${target}`;
    const change = { name: input, concerns: (other: RuleInput) => other === input };
    for (const customerId of customerIds)
      this.memberships.evaluate({ customerId, cause, effectiveAt }, change, unit);
  }

  @OnFact(ArmsAssigned)
  followArms({ eventName: cause, userId }: ArmsAssigned, unit: UnitOfWork): void {
    this.memberships.evaluate({ userId, cause, effectiveAt: new Date().toISOString() }, ARM, unit);
  }

  @OnFact(ArmsRemoved)
  loseArms({ eventName: cause, userIds }: ArmsRemoved, unit: UnitOfWork): void {
    const effectiveAt = new Date().toISOString();
    for (const userId of userIds) this.memberships.evaluate({ userId, cause, effectiveAt }, ARM, unit);
  }

  /** A creation may give arms to a user who has other customers, which a user without a message has not. */
  private followNewArms(
    { eventName: cause, user, arms, notifiedKinds, occurredAt }: CustomerCreated,
    unit: UnitOfWork,
  ): void {
    if (notifiedKinds.length === 0 || !arms.some(({ isNew }) => isNew)) return;
    this.memberships.evaluate({ userId: user.id, cause, effectiveAt: occurredAt }, ARM, unit);
  }

  private followMilestone(
    fact: NotificationSent | PortalAccessed | MilestoneReached,
    reachedAt: Date,
    unit: UnitOfWork,
  ): void {
    const customer = { ...now(fact, fact.customerId), effectiveAt: reachedAt.toISOString() };
    this.memberships.evaluate(customer, MILESTONE, unit);
  }
}

interface BillingFact extends DomainEvent {
  customer: Readonly<BilledCustomer>;
  origin: Readonly<EventOrigin>;
  occurredAt: string;
}

const CUSTOMER: InputChange = { name: 'customer', concerns: (input) => input === 'customer' };

const MILESTONE: InputChange = { name: 'milestone', concerns: (input) => input === 'milestone' };

const ARM: InputChange = { name: 'arm', concerns: (input) => input === 'arm' };

const BILLING: InputChange = {
  name: 'billing',
  concerns: (input) => input === 'stage' || input === 'milestone' || input === 'mrr',
};

function changed(
  { eventName: cause }: DomainEvent,
  customerId: string,
  { stripeEventId }: EventOrigin,
  effectiveAt: string,
) {
  return { customerId, cause, stripeEventId, effectiveAt };
}

function now({ eventName: cause }: DomainEvent, customerId: string) {
  return { customerId, cause, effectiveAt: new Date().toISOString() };
}

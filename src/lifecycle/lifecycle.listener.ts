import { Injectable } from '@nestjs/common';
import type { StandingChange } from '../events/billing-standing.js';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked } from '../events/customers/customer-links.event.js';
import { MilestoneReached } from '../events/lifecycle/milestone-reached.event.js';
import { NotificationSent } from '../events/notification-sent.event.js';
import { PortalAccessed } from '../events/portal/portal-accessed.event.js';
import type { EventOrigin } from '../events/stripe-customer.js';
import { DisputeChanged } from '../events/subscriptions/dispute-changed.event.js';
import { InvoiceChanged } from '../events/subscriptions/invoice-changed.event.js';
import { MrrMoved } from '../events/subscriptions/mrr-moved.event.js';
import { SubscriptionChanged } from '../events/subscriptions/subscription-changed.event.js';
import { SubscriptionUpgraded } from '../events/subscriptions/subscription-upgraded.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { StageChanged } from '../events/lifecycle/stage-changed.event.js';
import { Facts } from '../platform/facts/facts.service.js';
import { FIRST_STAGE, type LifecycleStage, type Milestone } from '../events/lifecycle/lifecycle-names.js';
import { CustomerLifecycle } from './customer-lifecycle.entity.js';
import { LAST_STAGE, leftAt, type LifecycleTrigger, risksOf, stageOf } from './lifecycle-stage.js';
import { LifecycleTransition } from './lifecycle-transition.entity.js';
import { milestonesOf } from './milestones.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

/** What caused a change of stage, and when. */
type Cause = Pick<LifecycleTransition, 'trigger' | 'stripeEventId' | 'occurredAt' | 'isTimeEstimated'>;

@Injectable()
export class LifecycleListener {
  constructor(private readonly facts: Facts) {}

  @OnFact(CustomerCreated)
  startLifecycle(fact: CustomerCreated, unit: UnitOfWork): void {
    const { customerId, customer, user, origin, occurredAt } = fact;
    const now = new Date();
    const createdAt = new Date(occurredAt);
    const reported = user.milestones.map(({ milestone, occurredAt: at }) => [milestone, at]);
    const reportedRecorded = user.milestones.map(({ milestone, recordedAt: at }) => [milestone, at]);
    unit.insert(CustomerLifecycle, {
      customerId,
      stage: FIRST_STAGE,
      stageEnteredAt: createdAt,
      stageRecordedAt: now,
      risks: [],
      milestones: { ...Object.fromEntries(reported), created: createdAt.toISOString() },
      milestonesRecorded: { ...Object.fromEntries(reportedRecorded), created: now.toISOString() },
    });
    unit.insert(LifecycleTransition, {
      id: uuidv7(),
      customerId,
      fromStage: null,
      toStage: FIRST_STAGE,
      trigger: 'customer_created',
      stripeEventId: origin.stripeEventId,
      occurredAt: createdAt,
      recordedAt: now,
      isTimeEstimated: customer.stripeCreatedAt === null && origin.stripeCreatedAt === null,
    });
    unit.reportChange('Customer lifecycle management configured');
  }

  /** Milestones belong to the customer; those of the new user are added. */
  @OnFact(CustomerLinked)
  reachThroughUser({ customerId, user }: CustomerLinked, unit: UnitOfWork): void {
    for (const { milestone, occurredAt } of user.milestones)
      reach(milestone, customerId, new Date(occurredAt), unit);
  }

  @OnFact(CustomerDeleted)
  endLifecycle({ customerId, last, origin, occurredAt }: CustomerDeleted, unit: UnitOfWork): void {
    end(customerId, last.stage, causeOf('customer_deleted', origin, occurredAt), unit);
  }

  @OnFact(CustomerErased)
  endForgotten({ customerId, last }: CustomerErased, unit: UnitOfWork): void {
    const cause = { stripeEventId: null, occurredAt: new Date(), isTimeEstimated: false };
    end(customerId, last.stage, { trigger: 'customer_deleted', ...cause }, unit);
  }

  @OnFact(SubscriptionChanged)
  followSubscription(fact: SubscriptionChanged, unit: UnitOfWork): void {
    const { customer, standing, origin, occurredAt } = fact;
    this.follow(customer.customerId, standing, causeOf('subscription_changed', origin, occurredAt), unit);
  }

  @OnFact(InvoiceChanged)
  followInvoice({ customer, standing, origin, occurredAt }: InvoiceChanged, unit: UnitOfWork): void {
    this.follow(customer.customerId, standing, causeOf('invoice_changed', origin, occurredAt), unit);
  }

  @OnFact(DisputeChanged)
  followDispute({ customer, standing, origin, occurredAt }: DisputeChanged, unit: UnitOfWork): void {
    this.follow(customer.customerId, standing, causeOf('dispute_changed', origin, occurredAt), unit);
  }

  @OnFact(MrrMoved)
  reachByRevenue({ customerId, movement, occurredAt }: MrrMoved, unit: UnitOfWork): void {
    if (movement.kind === 'reactivation') reach('reactivated', customerId, new Date(occurredAt), unit);
  }

  @OnFact(SubscriptionUpgraded)
  reachUpgraded({ customerId, occurredAt }: SubscriptionUpgraded, unit: UnitOfWork): void {
    reach('upgraded', customerId, new Date(occurredAt), unit);
  }

  /** The mail server has accepted the welcome: the milestone is reached, once. */
  @OnFact(NotificationSent)
  reachWelcomed({ customerId, message, sentAt }: NotificationSent, unit: UnitOfWork): void {
    if (message.kind === 'welcome') reach('welcomed', customerId, sentAt, unit);
  }

  @OnFact(MilestoneReached)
  reachReported({ customerId, milestone, reachedAt }: MilestoneReached, unit: UnitOfWork): void {
    reach(milestone, customerId, reachedAt, unit);
  }

  @OnFact(PortalAccessed)
  reachPortalAccessed({ customerId }: PortalAccessed, unit: UnitOfWork): void {
    reach('portal_accessed', customerId, new Date(), unit);
  }

  /** Stage, risks and milestones follow from what is known now. */
  private follow(
    customerId: string,
    { before, after, stage: stored }: StandingChange,
    cause: Cause,
    unit: UnitOfWork,
  ): void {
    const stage = stageOf(after);
    const risks = risksOf(after);
    if (stored !== null && stage !== stored) {
      const left = stage === 'churned' || stage === 'lapsed' ? leftAt(after) : null;
      const occurredAt = left === null ? cause.occurredAt : new Date(left);
      move(customerId, [stored as LifecycleStage, stage], { ...cause, occurredAt }, unit);
      unit.reportChange(`Lifecycle stage ${stored} → ${stage}`);
      const stages = { from: stored, to: stage };
      this.facts.emit(
        new StageChanged(customerId, stages, occurredAt.toISOString(), cause.stripeEventId),
        unit,
      );
    }
    if (risks.join() !== risksOf(before).join()) unit.update(CustomerLifecycle, { customerId }, { risks });
    const [reachedBefore, reachedAfter] = [milestonesOf(before), milestonesOf(after)];
    for (const milestone of Object.keys({ ...reachedBefore, ...reachedAfter }) as Milestone[]) {
      const [from, to] = [reachedBefore[milestone], reachedAfter[milestone]];
      if (from === to) continue;
      if (from !== undefined && (to === undefined || to > from))
        unit.execute(RETRACT, { customerId, milestone, reachedAt: from });
      if (to !== undefined) reach(milestone, customerId, new Date(to), unit);
    }
  }
}

function causeOf(trigger: LifecycleTrigger, origin: EventOrigin, occurredAt: string): Cause {
  return {
    trigger,
    stripeEventId: origin.stripeEventId,
    occurredAt: new Date(occurredAt),
    isTimeEstimated: origin.stripeCreatedAt === null && occurredAt === origin.receivedAt,
  };
}

/** Removes a milestone that seemed to be reached until an object that belongs before it arrived. */
const RETRACT = `
  update customer_lifecycles set milestones = milestones - milestone,
    milestones_recorded = milestones_recorded - milestone
  from json_to_recordset($1::json) as retracted ("customerId" uuid, milestone text, "reachedAt" text)
  where customer_id = "customerId" and milestones ->> milestone = "reachedAt"`;

/** @param stages from and to. Where the stored stage is another one, another transaction was faster. */
function move(
  customerId: string,
  [fromStage, toStage]: [LifecycleStage, LifecycleStage],
  cause: Cause,
  unit: UnitOfWork,
): void {
  const entered = enter(customerId, [fromStage, toStage], cause, unit);
  unit.updateOne(CustomerLifecycle, { customerId, stage: fromStage }, entered);
}

/** Not `updateOne`: a customer may have no lifecycle. */
function end(customerId: string, stage: string, cause: Cause, unit: UnitOfWork): void {
  const fromStage = stage as LifecycleStage;
  const entered = fromStage === LAST_STAGE ? {} : enter(customerId, [fromStage, LAST_STAGE], cause, unit);
  unit.update(CustomerLifecycle, { customerId }, { risks: [], ...entered });
}

/** Adds the transition. @returns the columns that change with the stage */
function enter(
  customerId: string,
  [fromStage, toStage]: [LifecycleStage, LifecycleStage],
  cause: Cause,
  unit: UnitOfWork,
): Pick<CustomerLifecycle, 'stage' | 'stageEnteredAt' | 'stageRecordedAt'> {
  const recordedAt = new Date();
  unit.insert(LifecycleTransition, { id: uuidv7(), customerId, fromStage, toStage, ...cause, recordedAt });
  return { stage: toStage, stageEnteredAt: cause.occurredAt, stageRecordedAt: recordedAt };
}

/**
 * A milestone keeps its earliest time, also when that time is reported later. It was recorded when this service first
 * knew of it, also if the time moves back.
 */
function reach(milestone: string, customerId: string, reachedAt: Date, unit: UnitOfWork): void {
  unit.execute(REACH, { customerId, milestone, reachedAt, recordedAt: new Date() });
}

/** Several milestones of one customer may be reached in one transaction: they are merged into one update. */
const REACH = `
  update customer_lifecycles set
    milestones = milestones || reached.times,
    milestones_recorded = milestones_recorded || reached.recorded
  from (
    select customer_id as id, jsonb_object_agg(milestone, "reachedAt") as times,
      jsonb_object_agg(milestone,
        coalesce(milestones_recorded ->> milestone, milestones ->> milestone, "recordedAt")) as recorded
    from (
      select distinct on ("customerId", milestone) * from json_to_recordset($1::json) as milestone_row (
        "customerId" uuid, milestone text, "reachedAt" text, "recordedAt" text)
      order by "customerId", milestone, "reachedAt"
    ) as earliest
    join customer_lifecycles on customer_id = "customerId"
    where milestones ->> milestone is null or milestones ->> milestone > "reachedAt"
    group by customer_id
  ) as reached
  where customer_id = reached.id`;

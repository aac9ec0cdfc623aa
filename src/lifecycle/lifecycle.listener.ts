import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { NotificationSent } from '../events/notification-sent.event.js';
import { PortalAccessed } from '../events/portal/portal-accessed.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { CustomerLifecycle } from './customer-lifecycle.entity.js';
import { initialMilestones, type LifecycleStage, type Milestone, nextStage } from './lifecycle-stage.js';
import { LifecycleTransition } from './lifecycle-transition.entity.js';

@Injectable()
export class LifecycleListener {
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  startLifecycle({ customerId }: CustomerCreated, unit: UnitOfWork): void {
    const stage = nextStage(null, 'customer_created');
    if (!stage) throw new Error('The lifecycle has no first stage');
    const now = new Date();
    unit.insert(CustomerLifecycle, {
      customerId,
      stage,
      stageEnteredAt: now,
      milestones: initialMilestones(now),
    });
    unit.insert(LifecycleTransition, {
      id: uuidv7(),
      customerId,
      fromStage: null,
      toStage: stage,
      trigger: 'customer_created',
      occurredAt: now,
    });
    unit.reportChange('Customer lifecycle management configured');
  }

  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  endLifecycle({ customerId, lifecycleStage }: CustomerDeleted, unit: UnitOfWork): void {
    this.end(customerId, lifecycleStage as LifecycleStage, unit);
  }

  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  endForgotten({ customerId, lifecycleStage }: CustomerErased, unit: UnitOfWork): void {
    this.end(customerId, lifecycleStage as LifecycleStage, unit);
  }

  /** The welcome has left: the milestone is reached, once. */
  @OnEvent(NotificationSent.eventName, { suppressErrors: false })
  reachWelcomed({ customerId, kind }: NotificationSent, unit: UnitOfWork): void {
    if (kind === 'welcome') reach('welcomed', customerId, unit);
  }

  @OnEvent(PortalAccessed.eventName, { suppressErrors: false })
  reachPortalAccessed({ customerId }: PortalAccessed, unit: UnitOfWork): void {
    reach('portal_accessed', customerId, unit);
  }

  private end(customerId: string, fromStage: LifecycleStage, unit: UnitOfWork): void {
    const stage = nextStage(fromStage, 'customer_deleted');
    if (!stage) return;
    const now = new Date();
    unit.update(CustomerLifecycle, { customerId }, { stage, stageEnteredAt: now });
    unit.insert(LifecycleTransition, {
      id: uuidv7(),
      customerId,
      fromStage,
      toStage: stage,
      trigger: 'customer_deleted',
      occurredAt: now,
    });
  }
}

/** A milestone keeps the time when it was first reached. */
function reach(milestone: Milestone, customerId: string, unit: UnitOfWork): void {
  unit.execute(REACH, { customerId, milestone, reachedAt: new Date() });
}

const REACH = `
  update customer_lifecycles set milestones = jsonb_set(milestones, array[milestone], to_jsonb("reachedAt"))
  from json_to_recordset($1::json) as reached ("customerId" uuid, milestone text, "reachedAt" text)
  where customer_id = "customerId" and milestones ->> milestone is null`;

import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerCreated } from '../events/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import {
  decideOutcome,
  type Decision,
  type InterpretedEvent,
  type KnownState,
} from './decision/event-decision.js';
import type { Refusal } from './decision/event-outcome.js';
import { originOf, toInboxRow } from './inbox-row.js';
import { nextRetryAt } from './pending-schedule.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** An event's decision with the unit of work that carries it out. */
export interface EventPlan {
  decision: Decision;
  unit: UnitOfWork;
}

/** Decides about an event and collects what that means for the database; writes nothing. */
@Injectable()
export class EventPlanner {
  constructor(
    private readonly config: AppConfig,
    private readonly emitter: EventEmitter2,
  ) {}

  /**
   * Fills the event's unit of work: its inbox row, and for a new customer what all modules add.
   * @param refusal decides about the event instead of its content
   * @throws whatever a listener throws; nothing of the event must then be written
   */
  async plan(event: InterpretedEvent, known: KnownState, refusal?: Refusal): Promise<EventPlan> {
    const decision: Decision = refusal
      ? { outcome: 'rejected', refusal }
      : decideOutcome(event, known, this.config.stripe.livemode);
    const unit = new UnitOfWork();
    if (decision.outcome === 'redelivered') return { decision, unit };
    const row = toInboxRow(event, decision);
    if (decision.outcome === 'created') {
      row.customerId = uuidv7();
      const { customer, user, notifiedKinds } = decision;
      const fact = new CustomerCreated(
        row.customerId,
        customer,
        user,
        originOf(event.received),
        notifiedKinds,
      );
      await this.emitter.emitAsync(CustomerCreated.eventName, fact, unit);
    }
    this.recordDecision(row, known.events.has(row.stripeEventId), unit);
    return { decision, unit };
  }

  /** @param isPending whether the event is in the inbox already, waiting for its user */
  private recordDecision(row: WebhookEvent, isPending: boolean, unit: UnitOfWork): void {
    const { stripeEventId, outcome, errorCode, errorMessage, customerId, decidedAt } = row;
    if (!isPending) {
      unit.insert(WebhookEvent, row);
      if (outcome === 'pending_user') this.scheduleRetry(row, unit);
    } else if (outcome !== 'pending_user') {
      const decided = { outcome, errorCode, errorMessage, customerId, decidedAt };
      unit.updateOne(WebhookEvent, { stripeEventId, outcome: 'pending_user' }, decided);
    }
  }

  private scheduleRetry({ mingusUserId, receivedAt }: WebhookEvent, unit: UnitOfWork): void {
    const userId = mingusUserId as string;
    const runAt = nextRetryAt(receivedAt, receivedAt) ?? undefined;
    unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
  }
}
